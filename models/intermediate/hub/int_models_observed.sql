{{ config(materialized='view') }}

{#- The columns in raw, and what staging calls them. -#}
with

observations as (
    select * from {{ ref('stg_hub__models') }}
),

superseded as (
    select * from {{ ref('int_observations_superseded') }}
),

models as (
    select * from {{ ref('int_models_latest') }}
),

observed as (
    select observations.*
    from observations
    left join superseded
        on
            observations.model_hash = superseded.model_hash
            and observations.run_id = superseded.run_id
    where superseded.model_hash is null
),

-- Models whose newest observation lacks a column that an older one carried.
lacking as (
    select * from models
    where
        {{ each_shown_column("@column_from != ''", joined_by="\n        or ") }}
),

placed as (
    select
        *,
        {{ metadata_recency('run_source', 'observed_at', 'run_id') }} as recency
    from observations
),

older as (
    select
        lacking.model_hash,
        {{ each_shown_column(
            "max(case when lacking.@column_from = observations.recency then observations.@name end) as @name"
        ) }}
    from lacking
    inner join placed as observations
        on lacking.model_hash = observations.model_hash
    group by lacking.model_hash
),

described as (
    select
        observed.model_hash,
        observed.model_id,
        {{ each_shown_column("coalesce(observed.@name, older.@name) as @name") }},
        observed.run_id
    from observed
    left join older
        on observed.model_hash = older.model_hash
)

select * from described
