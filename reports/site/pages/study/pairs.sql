-- Every valid pair of the families shown; jitter spreads points of one value apart, the same way every time.
select
    family_label,
    relation,
    derived_model_id,
    derived_downloads,
    download_tier,
    overlap_ratio,
    hash(derived_model_id) % 1000 / 999 - 0.5 as jitter
from marts.fct_overlaps
where
    study_id = $study_id
    and is_valid
    and is_counted
    and list_contains($charted_families, family_label)
order by family_label, relation desc, derived_model_id
