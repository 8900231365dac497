{#-
    The models that something speaks of though their metadata were never seen, under the spelling of their id that
    carries most authority.
-#}
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

mentions as (
    -- A child that no metadata speak of comes from an imported network.
    select
        child_key as model_key,
        child_model_id as model_id,
        1 as authority
    from network_edges
    where child_key in (select edges.child_key from edges)
    union all
    select
        parent_key as model_key,
        parent_written_id as model_id,
        2 as authority
    from edges
    union all
    select distinct
        model_key,
        model_id,
        3 as authority
    from fingerprints
    union all
    select distinct
        derived_key as model_key,
        derived_model_id as model_id,
        3 as authority
    from results
    union all
    select distinct
        base_key as model_key,
        base_model_id as model_id,
        3 as authority
    from results
),

unobserved as (
    select
        model_key,
        min_by(model_id, cast(authority as string) || model_id) as model_id,
        min(authority) <= 2 as is_in_lineage
    from mentions
    where model_key not in (select models.model_key from models)
    group by model_key
)

select * from unobserved
