with

license_terms as (
    select * from {{ ref('license_terms') }}
),

license_rules as (
    select * from {{ ref('license_rules') }}
),

-- `none` and `unlisted` stand for models that state no licence, or one that is not in the list.
terms as (
    select
        license,
        license_class
    from license_terms
    union all
    select
        'none' as license,
        'none' as license_class
    union all
    select
        'unlisted' as license,
        'unlisted' as license_class
),

pairs as (
    select
        ancestors.license as ancestor_license,
        ancestors.license_class as ancestor_class,
        terms.license,
        terms.license_class
    from terms
    cross join terms as ancestors
),

matched as (
    {{ rules_of_license_pairs('pairs') }}
),

judged as (
    select
        matched.ancestor_license,
        matched.license,
        license_rules.outcome,
        license_rules.rule,
        license_rules.reason,
        license_rules.source_url
    from matched
    inner join license_rules
        on matched.rule_order = license_rules.rule_order
)

select * from judged
