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
    and list_contains($families, family_label)
order by family_label, relation desc, tier_order
