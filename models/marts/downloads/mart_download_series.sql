with

holders as (
    select * from {{ ref('int_downloads_by_holder') }}
),

days as (
    select * from {{ ref('int_days_in_periods') }}
),

ranked as (
    select
        *,
        row_number() over (
            partition by scope, observed_on
            order by downloads desc, holder asc
        ) as place
    from holders
),

-- What is not among the first is one row, so that shares add up to one.
grouped as (
    select
        scope,
        case when place <= {{ var('series_holders') }} then holder else '(all others)' end as holder,
        observed_on,
        cast(sum(n_models) as bigint) as n_models,
        {{ exact_sum('downloads', 6) }} as downloads,
        cast(min(place) as bigint) as place
    from ranked
    group by scope, case when place <= {{ var('series_holders') }} then holder else '(all others)' end, observed_on
),

final as (
    select
        grouped.scope,
        grouped.holder,
        grouped.observed_on,
        days.is_whole_day,
        days.is_for_week,
        days.is_for_month,
        grouped.n_models,
        grouped.downloads,
        grouped.downloads
        / nullif(cast(sum(cast(grouped.downloads as decimal(38, 6))) over of_the_day as double), 0) as share,
        grouped.place
    from grouped
    inner join days
        on grouped.observed_on = days.observed_on
    window of_the_day as (partition by grouped.scope, grouped.observed_on)
)

select * from final
