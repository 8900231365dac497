{{ config(tags=['daily']) }}

with

observations as (
    select * from {{ ref('int_observations_daily') }}
),

downloads as (
    select * from {{ ref('int_downloads_latest') }}
),

days as (
    select
        observed_on,
        count(*) as n_models
    from observations
    group by observed_on
),

days_in_turn as (
    select
        observed_on,
        n_models,
        lag(observed_on) over (order by observed_on) as previous_observed_on,
        max(n_models) over (
            order by observed_on
            rows between unbounded preceding and 1 preceding
        ) as n_models_before
    from days
),

-- Only a model observed on two days can have a counter that fell.
observed_again as (
    select model_hash from downloads
    where first_observed_on < last_observed_on
),

counters_in_turn as (
    select
        observations.observed_on,
        observations.downloads_all_time,
        lag(observations.downloads_all_time) over (
            partition by observations.model_hash
            order by observations.observed_on
        ) as downloads_all_time_before,
        lag(observations.observed_on) over (
            partition by observations.model_hash
            order by observations.observed_on
        ) as previous_observed_on
    from observations
    inner join observed_again
        on observations.model_hash = observed_again.model_hash
),

days_apart as (
    select
        *,
        {{ dbt.datediff('previous_observed_on', 'observed_on', 'day') }} as n_days_before  -- noqa: LT05
    from days_in_turn
),

gaps as (
    select
        'gap' as issue,
        observed_on,
        previous_observed_on,
        n_models,
        cast(null as bigint) as n_expected,
        'No model was observed in the days before.' as explanation
    from days_apart
    where n_days_before > {{ var('observation_gap_days') }}
),

partial_snapshots as (
    select
        'partial_snapshot' as issue,
        observed_on,
        previous_observed_on,
        n_models,
        n_models_before as n_expected,
        'Fewer models than on the fullest day before: a sum over this day is no total.' as explanation
    from days_in_turn
    where n_models < {{ var('whole_snapshot_share') }} * n_models_before
),

fallen_counters as (
    select
        'downloads_all_time_fell' as issue,
        observed_on,
        max(previous_observed_on) as previous_observed_on,
        count(*) as n_models,
        cast(null as bigint) as n_expected,
        'Downloads since the beginning fell: the Hub counted anew, or the repository was made anew.' as explanation
    from counters_in_turn
    where downloads_all_time < downloads_all_time_before
    group by observed_on
),

final as (
    select * from gaps
    union all
    select * from partial_snapshots
    union all
    select * from fallen_counters
)

select * from final
