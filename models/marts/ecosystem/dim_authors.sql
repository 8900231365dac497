with

models as (
    select * from {{ ref('dim_models') }}
),

vendors as (
    select * from {{ ref('vendors') }}
),

totals as (
    select
        author,
        count(*) as n_models,
        count(*) filter (where is_observed) as n_observed_models,
        count(*) filter (where model_type = 'base') as n_base_models,
        cast(sum(downloads) as bigint) as downloads,
        count(downloads) as n_with_downloads,
        cast(sum(likes) as bigint) as likes,
        count(likes) as n_with_likes,
        min(created_at) as first_created_at,
        max(created_at) as last_created_at
    from models
    where author is not null
    group by author
),

final as (
    select
        totals.author,
        vendors.vendor,
        coalesce(vendors.vendor_type, 'unknown') as vendor_type,
        vendors.country,
        totals.n_models,
        totals.n_observed_models,
        totals.n_base_models,
        totals.downloads,
        totals.n_with_downloads,
        totals.likes,
        totals.n_with_likes,
        totals.first_created_at,
        totals.last_created_at
    from totals
    left join vendors
        on lower(totals.author) = lower(vendors.author)
)

select * from final
