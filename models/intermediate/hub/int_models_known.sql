{{ config(materialized='view') }}

with

models as (
    select * from {{ ref('int_models_latest') }}
),

unobserved as (
    select * from {{ ref('int_models_unobserved') }}
),

known as (
    select
        model_hash,
        model_id,
        true as is_observed,
        true as is_in_lineage
    from models
    union all
    select
        model_hash,
        model_id,
        false as is_observed,
        is_in_lineage
    from unobserved
)

select * from known
