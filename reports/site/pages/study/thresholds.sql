select
    family_label,
    pair_set,
    filter_name,
    rule,
    threshold,
    n_same,
    n_different,
    tpr,
    tpr_ci_low,
    tpr_ci_high,
    fpr,
    fpr_ci_low,
    fpr_ci_high,
    accuracy,
    weighted_accuracy
from marts.mart_best_thresholds
where
    study_id = $study_id
    and filter_name in ('all', 'over 10')
    and list_contains($families, family_label)
order by family_label, pair_set, filter_order, rule desc
