select
    study_id,
    metric,
    relation_type,
    method,
    method_order,
    n,
    value,
    ci_low,
    ci_high
from marts.mart_lineage_evaluation
where
    relation_type not in ('any', 'all')
    and pair_set = 'all'
    and split = 'all'
    and metric in ('top_1', 'mrr')
order by study_id, metric, relation_type, method_order
