with

pairs as (
    select distinct
        base_key,
        derived_key
    from {{ ref('int_overlaps_united') }}
),

traits as (
    select * from {{ ref('int_model_traits') }}
),

patterns as (
    select * from {{ ref('model_category_patterns') }}
),

tags as (
    select
        traits.model_key,
        lower(tag_list.tag) as tag
    from traits
    {{ cross_join_unnest('traits.tags', 'tag_list', 'tag') }}
),

-- Patterns are matched once a model, and not once a pair.
name_matches as (
    select
        traits.model_key,
        traits.repository_name,
        patterns.priority,
        patterns.category,
        patterns.match_on
    from traits
    inner join patterns
        on
            patterns.match_on = 'name'
            and {{ matches_somewhere('traits.repository_name', 'patterns.pattern') }}
),

tag_matches as (
    select
        tags.model_key,
        tags.tag,
        patterns.priority,
        patterns.category,
        patterns.match_on
    from tags
    inner join patterns
        on
            patterns.match_on = 'tag'
            and {{ matches_somewhere('tags.tag', 'patterns.pattern') }}
),

from_names as (
    select
        pairs.base_key,
        pairs.derived_key,
        derived.priority,
        derived.category,
        derived.match_on,
        derived.repository_name as matched_text
    from pairs
    inner join name_matches as derived
        on pairs.derived_key = derived.model_key
    left join name_matches as base
        on
            pairs.base_key = base.model_key
            and derived.priority = base.priority
    where base.model_key is null
),

from_architectures as (
    select
        pairs.base_key,
        pairs.derived_key,
        patterns.priority,
        patterns.category,
        patterns.match_on,
        derived.architecture as matched_text
    from pairs
    inner join traits as base
        on pairs.base_key = base.model_key
    inner join traits as derived
        on pairs.derived_key = derived.model_key
    inner join patterns
        on
            patterns.match_on = 'architecture'
            and {{ matches_somewhere('lower(derived.architecture)', 'patterns.pattern') }}
    where
        base.is_architecture_known
        and derived.is_architecture_known
        and lower(base.architecture) != lower(derived.architecture)
),

from_tags as (
    select
        pairs.base_key,
        pairs.derived_key,
        derived.priority,
        derived.category,
        derived.match_on,
        derived.tag as matched_text
    from pairs
    inner join tag_matches as derived
        on pairs.derived_key = derived.model_key
    left join tag_matches as base
        on
            pairs.base_key = base.model_key
            and derived.priority = base.priority
    where base.model_key is null
),

united as (
    select * from from_names
    union all
    select * from from_architectures
    union all
    select * from from_tags
),

ranked as (
    select
        base_key,
        derived_key,
        category,
        match_on,
        matched_text,
        row_number() over (
            partition by base_key, derived_key
            order by priority asc, matched_text asc
        ) as place
    from united
),

first_matches as (
    select
        base_key,
        derived_key,
        category,
        match_on,
        matched_text
    from ranked
    where place = 1
)

select * from first_matches
