with

models as (
    select * from {{ ref('int_models_latest') }}
),

edges as (
    select * from {{ ref('int_lineage_edges_united') }}
),

network_edges as (
    select * from {{ ref('stg_hub__edges') }}
),

fingerprints as (
    select * from {{ ref('stg_overlap__fingerprints') }}
),

results as (
    select * from {{ ref('stg_overlap__results') }}
),

sketches as (
    select * from {{ ref('int_weight_sketches_latest') }}
),

mentions as (
    -- A child that no metadata speak of comes from an imported network.
    select
        child_hash as model_hash,
        child_model_id as model_id,
        1 as authority
    from network_edges
    where child_hash in (select edges.child_hash from edges)
    union all
    select
        parent_hash as model_hash,
        parent_written_id as model_id,
        2 as authority
    from edges
    union all
    select distinct
        model_hash,
        model_id,
        3 as authority
    from fingerprints
    union all
    select
        model_hash,
        model_id,
        3 as authority
    from sketches
    union all
    select distinct
        derived_hash as model_hash,
        derived_model_id as model_id,
        3 as authority
    from results
    union all
    select distinct
        base_hash as model_hash,
        base_model_id as model_id,
        3 as authority
    from results
),

unobserved as (
    select
        model_hash,
        min_by(model_id, cast(authority as string) || model_id) as model_id,
        min(authority) <= 2 as is_in_lineage
    from mentions
    where model_hash not in (select models.model_hash from models)
    group by model_hash
)

select * from unobserved
