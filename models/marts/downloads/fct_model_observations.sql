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
        on observations.model_key = known.model_key
)

select * from final
