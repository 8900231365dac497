with

pairs as (
    select * from {{ ref('fct_overlaps') }}
),

anomaly_rules as (
    select * from {{ ref('overlap_anomaly_rules') }}
),

final as (
    select
        pairs.study_id,
        pairs.base_model_id,
        pairs.derived_model_id,
        anomaly_rules.anomaly,
        anomaly_rules.suspicion,
        pairs.family_label,
        pairs.relation,
        pairs.overlap_ratio,
        pairs.derived_downloads,
        pairs.download_tier,
        pairs.is_suspect,
        pairs.suspect_reason,
        pairs.copy_group_id
    from pairs
    inner join anomaly_rules
        on
            (anomaly_rules.relation is null or pairs.relation = anomaly_rules.relation)
            and (anomaly_rules.downloads_below is null or pairs.derived_downloads < anomaly_rules.downloads_below)
            and (anomaly_rules.downloads_above is null or pairs.derived_downloads > anomaly_rules.downloads_above)
            and (anomaly_rules.overlap_above is null or pairs.overlap_ratio > anomaly_rules.overlap_above)
            and (anomaly_rules.overlap_below is null or pairs.overlap_ratio < anomaly_rules.overlap_below)
    where pairs.is_valid
)

select * from final
