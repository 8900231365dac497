with

observations as (
    select * from {{ ref('int_observations_daily') }}
),

days as (
    select * from {{ ref('int_days_observed') }}
),

whole_days as (
    select * from days
    where is_whole
),

last_days as (
    select
        max(n_whole_days) as n_whole_days,
        max(observed_on) as observed_on
    from whole_days
),

in_turn as (
    select
        observations.model_hash,
        observations.observed_on,
        days.n_whole_days,
        lead(observations.observed_on) over (
            partition by observations.model_hash
            order by observations.observed_on
        ) as next_observed_on,
        lead(days.n_whole_days - case when days.is_whole then 1 else 0 end) over (
            partition by observations.model_hash
            order by observations.observed_on
        ) as n_whole_days_before_next
    from observations
    inner join days
        on observations.observed_on = days.observed_on
),

-- A whole day without the model lies between its observation and the next one, or after its last.
absences as (
    select
        in_turn.model_hash,
        in_turn.observed_on as last_observed_on,
        whole_days.observed_on as missed_on,
        in_turn.next_observed_on,
        coalesce(in_turn.n_whole_days_before_next, last_days.n_whole_days) - in_turn.n_whole_days as n_missed
    from in_turn
    cross join last_days
    inner join whole_days
        on in_turn.n_whole_days + 1 = whole_days.n_whole_days
    where coalesce(in_turn.n_whole_days_before_next, last_days.n_whole_days) > in_turn.n_whole_days
)

select * from absences
