with

observations as (
    select * from {{ ref('int_observations_daily') }}
),

runs as (
    select
        run_id,
        {{ json_text('params', 'scope') }} = 'all' and {{ json_text('params', 'is_partial') }} = 'false' as is_of_all
    from {{ ref('int_runs_recorded') }}
),

days as (
    select
        observations.observed_on,
        count(*) as n_models,
        count(*) filter (where runs.is_of_all) > 0 as is_of_all
    from observations
    inner join runs
        on observations.run_id = runs.run_id
    group by observations.observed_on
),

compared as (
    select
        observed_on,
        n_models,
        -- A dump that lacks much of what was there before is no whole one, whatever it says.
        is_of_all
        and coalesce(
            n_models >= {{ var('whole_snapshot_share') }} * max(n_models) over (
                order by observed_on
                rows between unbounded preceding and 1 preceding
            ),
            true
        ) as is_whole
    from days
),

-- Whole days are counted, so that a model which misses one of them is seen by the gap in its numbers.
numbered as (
    select
        observed_on,
        n_models,
        is_whole,
        cast(count(*) filter (where is_whole) over (order by observed_on) as bigint) as n_whole_days
    from compared
)

select * from numbered
