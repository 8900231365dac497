select
    family_label,
    relation,
    count(*) as n_pairs,
    count(overlap_ratio) as n_valid,
    avg(overlap_ratio) as mean_overlap,
    median(overlap_ratio) as median_overlap,
    stddev_samp(overlap_ratio) as stddev_overlap,
    min(overlap_ratio) as min_overlap,
    max(overlap_ratio) as max_overlap
from marts.fct_overlaps
where
    study_id = $study_id
    and is_counted
    and list_contains($families, family_label)
group by family_label, relation
order by family_label, relation desc
