-- Every observed cut of the charted families without a filter: the ROC curve.
select
    family_label,
    threshold,
    tpr,
    fpr,
    n_same,
    n_different
from marts.mart_threshold_curve
where
    study_id = $study_id
    and is_observed
    and pair_set = 'all'
    and filter_name = 'all'
    and n_same > 0
    and n_different > 0
    and list_contains($charted_families, family_label)
order by family_label, threshold desc
