{#-
    A view: what grows day by day is int_observations_daily, and an id is spelt as the Hub spells it now, in the rows of
    all days.
-#}
{{ config(materialized=view_or_table()) }}

with

observations as (
    select * from {{ ref('int_observations_daily') }}
),

known as (
    select * from {{ ref('int_models_known') }}
),

final as (
    select
        known.model_id,
        observations.observed_on,
        observations.downloads,
        observations.downloads_all_time,
        observations.likes,
        observations.trending_score,
        observations.run_id
    from observations
    inner join known
        on observations.model_hash = known.model_hash
)

select * from final
