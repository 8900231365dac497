{#- Every model that anything speaks of, under the spelling of its id that carries most authority. -#}
with

models as (
    select * from {{ ref('int_models_latest') }}
),

edges as (
    select * from {{ ref('int_lineage_edges_united') }}
),

fingerprints as (
    select * from {{ ref('stg_overlap__fingerprints') }}
),

results as (
    select * from {{ ref('stg_overlap__results') }}
),

-- What was observed goes by the Hub's spelling; only what was not has to be settled from mentions.
observed as (
    select
        model_key,
        model_id,
        true as is_observed,
        true as is_in_lineage
    from models
),

mentions as (
    select
        child_key as model_key,
        child_written_id as model_id,
        1 as authority
    from edges
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
        false as is_observed,
        min(authority) <= 2 as is_in_lineage
    from mentions
    where model_key not in (select models.model_key from models)
    group by model_key
),

known as (
    select * from observed
    union all
    select * from unobserved
)

select * from known
