select
    family_label,
    relation,
    download_tier,
    tier_order,
    n_pairs,
    n_valid,
    mean_overlap,
    median_overlap,
    stddev_overlap,
    min_overlap,
    max_overlap
from marts.mart_overlap_by_tier
where
    study_id = $study_id
    and family_label in (
        select family_label
        from marts.fct_overlaps
        where study_id = $study_id
        group by family_label
        order by count(overlap_ratio) desc, family_label
        limit $max_families
    )
order by family_label, relation desc, tier_order
