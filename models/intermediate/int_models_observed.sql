{#- All that the newest observation of a model tells, read where it was observed. A view: dim_models copies it. -#}
{{ config(materialized='view') }}

with

observations as (
    select * from {{ ref('stg_hub__models') }}
),

latest as (
    select * from {{ ref('int_models_latest') }}
),

observed as (
    select
        latest.model_key,
        latest.model_id,
        observations.author,
        latest.created_at,
        observations.last_modified_at,
        observations.pipeline_tag,
        observations.library_name,
        observations.tags,
        latest.license,
        latest.architecture,
        observations.parameter_count,
        latest.gated,
        observations.sha,
        latest.run_id
    from observations
    inner join latest
        on
            observations.model_key = latest.model_key
            and observations.run_id = latest.run_id
)

select * from observed
