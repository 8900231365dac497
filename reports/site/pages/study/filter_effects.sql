-- Same-family pairs that a filter keeps, against those it drops.
select
    family_label,
    filter_name,
    n_valid_kept,
    mean_kept,
    stddev_kept,
    n_valid_dropped,
    mean_dropped,
    stddev_dropped,
    hedges_g
from marts.mart_download_filter_effect
where
    study_id = $study_id
    and relation = 'same'
    and list_contains($families, family_label)
order by family_label, filter_order
