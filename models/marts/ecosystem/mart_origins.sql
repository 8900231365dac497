with

authors as (
    select * from {{ ref('dim_authors') }}
),

counted as (
    select
        coalesce(country, 'unknown') as country,
        vendor_type,
        count(*) as n_authors,
        cast(sum(n_models) as bigint) as n_models,
        cast(sum(n_base_models) as bigint) as n_base_models,
        cast(sum(downloads) as bigint) as downloads,
        cast(sum(n_with_downloads) as bigint) as n_with_downloads
    from authors
    group by coalesce(country, 'unknown'), vendor_type
),

final as (
    select
        country,
        vendor_type,
        n_authors,
        n_models,
        n_base_models,
        downloads,
        n_with_downloads,
        cast(downloads as double) / nullif(sum(downloads) over (), 0) as share_downloads
    from counted
)

select * from final
