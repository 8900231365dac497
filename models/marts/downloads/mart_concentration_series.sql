with

holders as (
    select
        scope,
        observed_on,
        downloads
    from {{ ref('int_downloads_by_holder') }}
    union all
    select
        'model' as scope,
        observed_on,
        cast(downloads as double) as downloads
    from {{ ref('int_observations_daily') }}
    where downloads is not null
),

days as (
    select * from {{ ref('int_days_in_periods') }}
),

ranked as (
    select
        scope,
        observed_on,
        downloads,
        row_number() over (partition by scope, observed_on order by downloads asc) as place,
        row_number() over (partition by scope, observed_on order by downloads desc) as place_from_top
    from holders
),

totals as (
    select
        scope,
        observed_on,
        count(*) as n_holders,
        {{ exact_sum('downloads', 6) }} as downloads,
        {{ exact_sum('downloads * downloads', 6) }} as sum_of_squares,
        {{ exact_sum('case when place_from_top = 1 then downloads else 0 end', 6) }} as top_1,
        {{ exact_sum('case when place_from_top <= 10 then downloads else 0 end', 6) }} as top_10,
        {{ exact_sum('place * downloads', 6) }} as ranked_sum
    from ranked
    group by scope, observed_on
),

final as (
    select
        totals.scope,
        totals.observed_on,
        days.is_whole_day,
        days.is_for_week,
        days.is_for_month,
        totals.n_holders,
        totals.downloads,
        totals.top_1 / nullif(totals.downloads, 0) as share_top_1,
        totals.top_10 / nullif(totals.downloads, 0) as share_top_10,
        totals.sum_of_squares / nullif(totals.downloads * totals.downloads, 0) as hhi,
        2 * totals.ranked_sum / nullif(totals.n_holders * totals.downloads, 0)
        - (totals.n_holders + 1.0) / totals.n_holders as gini
    from totals
    inner join days
        on totals.observed_on = days.observed_on
)

select * from final
