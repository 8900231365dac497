{{ config(materialized='view') }}

with

observations as (
    select * from {{ ref('stg_hub__models') }}
),

superseded as (
    select * from {{ ref('int_observations_superseded') }}
),

observed as (
    select
        observations.model_hash,
        observations.model_id,
        observations.author,
        observations.created_at,
        observations.last_modified_at,
        observations.pipeline_tag,
        observations.library_name,
        observations.tags,
        observations.architecture,
        observations.parameter_count,
        observations.gated,
        observations.sha,
        observations.run_id
    from observations
    left join superseded
        on
            observations.model_hash = superseded.model_hash
            and observations.run_id = superseded.run_id
    where superseded.model_hash is null
)

select * from observed
