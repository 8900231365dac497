{#-
    Whether the two models of a pair share a root in the declared lineage; null where lineage knows one of them not
    at all.
-#}
with

pairs as (
    select distinct
        base_key,
        derived_key
    from {{ ref('int_overlaps_united') }}
),

roots as (
    select * from {{ ref('int_model_roots_weighted') }}
),

known_keys as (
    select distinct model_key from roots
),

shared_roots as (
    select distinct
        pairs.base_key,
        pairs.derived_key
    from pairs
    inner join roots as base_roots
        on pairs.base_key = base_roots.model_key
    inner join roots as derived_roots
        on
            pairs.derived_key = derived_roots.model_key
            and base_roots.root_key = derived_roots.root_key
),

related as (
    select
        pairs.base_key,
        pairs.derived_key,
        case
            when shared_roots.base_key is not null then 'same'
            when known_bases.model_key is not null and known_derived.model_key is not null then 'different'
        end as lineage_relation
    from pairs
    left join known_keys as known_bases
        on pairs.base_key = known_bases.model_key
    left join known_keys as known_derived
        on pairs.derived_key = known_derived.model_key
    left join shared_roots
        on
            pairs.base_key = shared_roots.base_key
            and pairs.derived_key = shared_roots.derived_key
)

select * from related
