with

pairs as (
    select * from {{ ref('fct_overlaps') }}
    where is_counted
),

download_qualities as (
    select * from {{ ref('download_qualities') }}
),

grouped as (
    select
        study_id,
        family_label,
        relation,
        quality,
        {{ overlap_statistics() }}
    from pairs
    group by study_id, family_label, relation, quality
),

ratios as (
    select
        study_id,
        family_label,
        quality,
        max(case when relation = 'same' then mean_overlap end)
        / nullif(max(case when relation = 'different' then mean_overlap end), 0) as ratio_same_to_different
    from grouped
    group by study_id, family_label, quality
),

final as (
    select
        grouped.*,
        ratios.ratio_same_to_different,
        download_qualities.quality_order
    from grouped
    inner join ratios
        on
            grouped.study_id = ratios.study_id
            and grouped.family_label = ratios.family_label
            and grouped.quality = ratios.quality
    inner join download_qualities
        on grouped.quality = download_qualities.quality
)

select * from final
