{{ config(materialized='view') }}

with

observations as (
    select * from {{ ref('int_observations_daily') }}
),

downloads as (
    select * from {{ ref('int_downloads_latest') }}
),

-- Only a model observed on two days has a step.
observed_again as (
    select model_hash from downloads
    where first_observed_on < last_observed_on
),

in_turn as (
    select
        observations.model_hash,
        observations.observed_on,
        observations.downloads,
        observations.downloads_all_time,
        lag(observations.observed_on) over (
            partition by observations.model_hash
            order by observations.observed_on
        ) as previous_observed_on,
        lag(observations.downloads) over (
            partition by observations.model_hash
            order by observations.observed_on
        ) as downloads_before,
        lag(observations.downloads_all_time) over (
            partition by observations.model_hash
            order by observations.observed_on
        ) as downloads_all_time_before
    from observations
    inner join observed_again
        on observations.model_hash = observed_again.model_hash
),

steps as (
    select
        *,
        {{ dbt.datediff('previous_observed_on', 'observed_on', 'day') }} as n_days,  -- noqa: LT05
        downloads_all_time - downloads_all_time_before as n_downloaded
    from in_turn
    where previous_observed_on is not null
)

select * from steps
