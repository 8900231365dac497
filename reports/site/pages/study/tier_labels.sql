select download_tier
from marts.dim_download_tiers
order by tier_order
