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

-- Patterns are matched once per model, and not once per pair.
matches as (
    select
        traits.model_key,
        patterns.priority,
        patterns.category,
        patterns.match_on,
        traits.repository_name as matched_text
    from traits
    inner join patterns
        on
            patterns.match_on = 'name'
            and {{ matches_somewhere('traits.repository_name', 'patterns.pattern') }}
    union all
    select
        tags.model_key,
        patterns.priority,
        patterns.category,
        patterns.match_on,
        tags.tag as matched_text
    from tags
    inner join patterns
        on
            patterns.match_on = 'tag'
            and {{ matches_somewhere('tags.tag', 'patterns.pattern') }}
),

-- What the base is as well does not tell the two models of a pair apart.
from_names_and_tags as (
    select
        pairs.base_key,
        pairs.derived_key,
        derived.priority,
        derived.category,
        derived.match_on,
        derived.matched_text
    from pairs
    inner join matches as derived
        on pairs.derived_key = derived.model_key
    left join matches as base
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

united as (
    select * from from_names_and_tags
    union all
    select * from from_architectures
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
