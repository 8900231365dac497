select
    download_tier,
    min_downloads,
    max_downloads,
    quality,
    quality_weight,
    confidence
from marts.dim_download_tiers
order by tier_order
