with

authors as (
    select * from {{ ref('dim_authors') }}
),

families as (
    select * from {{ ref('dim_families') }}
),

amounts as (
    select
        'author' as scope,
        cast(downloads as double) as amount
    from authors
    where downloads is not null
    union all
    select
        'vendor' as scope,
        cast(sum(downloads) as double) as amount
    from authors
    where
        vendor is not null
        and downloads is not null
    group by vendor
    union all
    select
        'family' as scope,
        downloads_weighted as amount
    from families
    where downloads_weighted is not null
),

ranked as (
    select
        scope,
        amount,
        row_number() over (partition by scope order by amount asc) as place,
        row_number() over (partition by scope order by amount desc) as place_from_top
    from amounts
),

totals as (
    select
        scope,
        count(*) as n_holders,
        {{ exact_sum('amount', 6) }} as downloads,
        {{ exact_sum('case when place_from_top = 1 then amount else 0 end', 6) }} as top_1,
        {{ exact_sum('case when place_from_top <= 10 then amount else 0 end', 6) }} as top_10,
        {{ exact_sum('case when place_from_top <= 100 then amount else 0 end', 6) }} as top_100,
        {{ exact_sum('place * amount', 6) }} as ranked_sum
    from ranked
    group by scope
),

final as (
    select
        scope,
        n_holders,
        downloads,
        top_1 / nullif(downloads, 0) as share_top_1,
        top_10 / nullif(downloads, 0) as share_top_10,
        top_100 / nullif(downloads, 0) as share_top_100,
        2 * ranked_sum / nullif(n_holders * downloads, 0) - (n_holders + 1.0) / n_holders as gini
    from totals
)

select * from final
