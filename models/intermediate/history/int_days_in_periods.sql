with

days as (
    select * from {{ ref('int_days_observed') }}
),

-- A week or a month is told by its last day, and by a whole one where it has any.
placed as (
    select
        observed_on,
        is_whole,
        row_number() over (
            partition by {{ dbt.date_trunc('week', 'observed_on') }}
            order by is_whole desc, observed_on desc
        ) as place_in_week,
        row_number() over (
            partition by {{ dbt.date_trunc('month', 'observed_on') }}
            order by is_whole desc, observed_on desc
        ) as place_in_month
    from days
),

final as (
    select
        observed_on,
        is_whole as is_whole_day,
        place_in_week = 1 as is_for_week,
        place_in_month = 1 as is_for_month
    from placed
)

select * from final
