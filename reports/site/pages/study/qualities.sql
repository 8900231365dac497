select
    family_label,
    quality,
    quality_order,
    coalesce(max(n_valid) filter (where relation = 'same'), 0) as n_same,
    max(mean_overlap) filter (where relation = 'same') as mean_same,
    coalesce(max(n_valid) filter (where relation = 'different'), 0) as n_different,
    max(mean_overlap) filter (where relation = 'different') as mean_different,
    max(ratio_same_to_different) as ratio_same_to_different
from marts.mart_overlap_by_quality
where
    study_id = $study_id
    and list_contains($families, family_label)
group by family_label, quality, quality_order
order by family_label, quality_order
