-- Lineage recovery by every method beside the baseline, the plain overlap of one direction.
select
    study_id,
    pair_set,
    metric,
    relation_type,
    method,
    method_order,
    n,
    value,
    ci_low,
    ci_high,
    baseline_value,
    gain
from marts.mart_lineage_evaluation
where
    relation_type in ('any', 'all')
    and split = 'all'
order by study_id, pair_set, metric, relation_type, method_order
