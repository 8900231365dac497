with

walks as (
    select * from {{ ref('int_lineage_walks') }}
),

models as (
    select
        model_hash,
        {{ stated_license('license', 'is_license_known') }} as license
    from {{ ref('int_models_summarized') }}
),

license_terms as (
    select * from {{ ref('license_terms') }}
),

license_rules as (
    select * from {{ ref('license_rules') }}
),

-- A Hub has millions of walks, and some thousands of pairs of licences.
met as (
    select
        ancestors.license as ancestor_text,
        models.license as license_text
    from walks
    inner join models
        on walks.model_hash = models.model_hash
    inner join models as ancestors
        on walks.ancestor_hash = ancestors.model_hash
    group by ancestors.license, models.license
),

texts as (
    select ancestor_text as license_text from met
    union
    select license_text from met
),

named as (
    select
        license_text,
        {{ unnested(split_list('license_text', ',')) }} as license
    from texts
),

listed as (
    select distinct
        named.license_text,
        case
            when named.license = 'none' then 'none'
            else coalesce(license_terms.license, 'unlisted')
        end as license,
        {{ license_class('named.license', 'license_terms.license_class') }} as license_class
    from named
    left join license_terms
        on named.license = license_terms.license
),

single_pairs as (
    select
        met.ancestor_text,
        met.license_text,
        ancestors.license as ancestor_license,
        ancestors.license_class as ancestor_class,
        listed.license,
        listed.license_class
    from met
    inner join listed as ancestors
        on met.ancestor_text = ancestors.license_text
    inner join listed
        on met.license_text = listed.license_text
    -- The same text is the same choice among several, or the same licence that is not in the list.
    where
        met.ancestor_text != met.license_text
        or (met.license_text not like '%,%' and listed.license != 'unlisted')
),

pairs as (
    select distinct
        ancestor_license,
        ancestor_class,
        license,
        license_class
    from single_pairs
),

matched as (
    {{ rules_of_license_pairs('pairs') }}
),

single_outcomes as (
    select
        single_pairs.ancestor_text,
        single_pairs.license_text,
        matched.rule_order,
        license_rules.outcome
    from single_pairs
    inner join matched
        on
            single_pairs.ancestor_license = matched.ancestor_license
            and single_pairs.license = matched.license
    inner join license_rules
        on matched.rule_order = license_rules.rule_order
),

decided as (
    select
        met.ancestor_text,
        met.license_text,
        case
            when count(single_outcomes.rule_order) = 0 then 'same_license'
            when min(single_outcomes.outcome) != max(single_outcomes.outcome) then 'several_licenses'
        end as named_rule,
        min(single_outcomes.rule_order) as rule_order
    from met
    left join single_outcomes
        on
            met.ancestor_text = single_outcomes.ancestor_text
            and met.license_text = single_outcomes.license_text
    group by met.ancestor_text, met.license_text
),

judged as (
    select
        decided.ancestor_text as ancestor_license,
        decided.license_text as license,
        license_rules.outcome,
        license_rules.rule,
        license_rules.reason,
        license_rules.source_url
    from decided
    inner join license_rules
        on
            decided.named_rule = license_rules.rule
            or (decided.named_rule is null and decided.rule_order = license_rules.rule_order)
)

select * from judged
