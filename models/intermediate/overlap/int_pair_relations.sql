with

pairs as (
    select distinct
        base_key,
        derived_key
    from {{ ref('int_overlaps_united') }}
),

paired as (
    select * from {{ ref('int_models_paired') }}
),

known as (
    select * from {{ ref('int_models_known') }}
),

roots as (
    select * from {{ ref('int_model_roots_weighted') }}
),

in_lineage as (
    select
        paired.model_key,
        known.model_hash
    from known
    inner join paired
        on known.model_hash = paired.model_hash
    where known.is_in_lineage
),

inherited as (
    select
        in_lineage.model_key,
        roots.root_hash
    from roots
    inner join in_lineage
        on roots.model_hash = in_lineage.model_hash
),

-- A model with no parent is its own root.
paired_roots as (
    select * from inherited
    union all
    select
        model_key,
        model_hash as root_hash
    from in_lineage
    where model_key not in (select inherited.model_key from inherited)
),

shared_roots as (
    select distinct
        pairs.base_key,
        pairs.derived_key
    from pairs
    inner join paired_roots as base_roots
        on pairs.base_key = base_roots.model_key
    inner join paired_roots as derived_roots
        on
            pairs.derived_key = derived_roots.model_key
            and base_roots.root_hash = derived_roots.root_hash
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
    left join in_lineage as known_bases
        on pairs.base_key = known_bases.model_key
    left join in_lineage as known_derived
        on pairs.derived_key = known_derived.model_key
    left join shared_roots
        on
            pairs.base_key = shared_roots.base_key
            and pairs.derived_key = shared_roots.derived_key
)

select * from related
