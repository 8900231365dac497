with

download_tiers as (
    select * from {{ ref('download_tiers') }}
),

download_qualities as (
    select * from {{ ref('download_qualities') }}
),

final as (
    select
        download_tiers.download_tier,
        download_tiers.tier_order,
        download_tiers.min_downloads,
        download_tiers.max_downloads,
        download_tiers.quality,
        download_qualities.quality_order,
        download_qualities.quality_weight,
        download_qualities.confidence
    from download_tiers
    left join download_qualities
        on download_tiers.quality = download_qualities.quality
)

select * from final
