with

observations as (
    select * from {{ ref('int_observations_daily') }}
),

latest as (
    select
        model_key,
        max_by(downloads, observed_on) filter (where downloads is not null) as downloads,
        max_by(likes, observed_on) filter (where likes is not null) as likes,
        min(observed_on) as first_observed_on,
        max(observed_on) as last_observed_on
    from observations
    group by model_key
)

select * from latest
