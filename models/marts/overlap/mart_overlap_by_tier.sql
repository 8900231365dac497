with

pairs as (
    select * from {{ ref('fct_overlaps') }}
    where is_counted
),

download_tiers as (
    select * from {{ ref('dim_download_tiers') }}
),

grouped as (
    select
        study_id,
        family_label,
        relation,
        download_tier,
        {{ overlap_statistics() }}
    from pairs
    group by study_id, family_label, relation, download_tier
),

final as (
    select
        grouped.*,
        download_tiers.tier_order
    from grouped
    inner join download_tiers
        on grouped.download_tier = download_tiers.download_tier
)

select * from final
