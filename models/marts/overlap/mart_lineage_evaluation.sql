with

targets as (
    select * from {{ ref('int_lineage_targets_judged') }}
),

open_set as (
    select * from {{ ref('int_lineage_open_set_judged') }}
),

separated as (
    select * from {{ ref('int_lineage_family_separated') }}
),

-- One row a model and question, right or wrong, so that every share and its interval is taken in one place.
answers as (
    select
        study_id,
        pair_set,
        method,
        relation_type,
        'top_1' as metric,
        parent_place <= 1 as is_right
    from targets
    where has_parent
    union all
    select
        study_id,
        pair_set,
        method,
        relation_type,
        'top_5' as metric,
        parent_place <= 5 as is_right
    from targets
    where has_parent
    union all
    select
        study_id,
        pair_set,
        method,
        relation_type,
        'family_hit' as metric,
        is_family_hit as is_right
    from targets
    where has_family
    union all
    select
        study_id,
        pair_set,
        method,
        'any' as relation_type,
        'open_set_presence' as metric,
        is_presence_right as is_right
    from open_set
    union all
    select
        study_id,
        pair_set,
        method,
        'any' as relation_type,
        'open_set_answer' as metric,
        is_answer_right as is_right
    from open_set
),

shares as (
    select
        study_id,
        pair_set,
        method,
        relation_type,
        metric,
        count(*) as n,
        sum(case when is_right then 1 else 0 end) as n_right
    from answers
    group by study_id, pair_set, method, relation_type, metric
    union all
    select
        study_id,
        pair_set,
        method,
        relation_type,
        'tpr_at_low_fpr' as metric,
        n_same as n,
        tp_at_bound as n_right
    from separated
),

reciprocal_ranks as (
    select
        study_id,
        pair_set,
        method,
        relation_type,
        count(*) as n,
        avg(cast(1 as double) / parent_place) as mean,
        stddev_samp(cast(1 as double) / parent_place) as stddev
    from targets
    where has_parent
    group by study_id, pair_set, method, relation_type
),

-- Hanley and McNeil's standard error of an area under the ROC curve.
areas as (
    select
        *,
        sqrt(
            (
                auc * (1 - auc)
                + (n_same - 1) * (auc / (2 - auc) - auc * auc)
                + (n_different - 1) * (2 * auc * auc / (1 + auc) - auc * auc)
            )
            / (cast(n_same as double) * n_different)
        ) as standard_error
    from separated
),

measured as (
    select
        study_id,
        pair_set,
        method,
        relation_type,
        metric,
        cast(n as bigint) as n,
        cast(n_right as double) / n as value,
        {{ wilson_low('n_right', 'n') }} as ci_low,
        {{ wilson_high('n_right', 'n') }} as ci_high,
        'wilson' as interval_method
    from shares
    union all
    select
        study_id,
        pair_set,
        method,
        relation_type,
        'mrr' as metric,
        n,
        mean as value,
        greatest(mean - {{ normal_quantile() }} * stddev / sqrt(n), 0) as ci_low,
        least(mean + {{ normal_quantile() }} * stddev / sqrt(n), 1) as ci_high,
        'normal' as interval_method
    from reciprocal_ranks
    union all
    select
        study_id,
        pair_set,
        method,
        relation_type,
        'auc_same_family' as metric,
        cast(n_same + n_different as bigint) as n,
        auc as value,
        greatest(auc - {{ normal_quantile() }} * standard_error, 0) as ci_low,
        least(auc + {{ normal_quantile() }} * standard_error, 1) as ci_high,
        'hanley_mcneil' as interval_method
    from areas
),

baselines as (
    select
        study_id,
        pair_set,
        relation_type,
        metric,
        value as baseline_value
    from measured
    where method = 'overlap_one_way'
),

method_orders as (
    select distinct
        method,
        method_order
    from targets
),

final as (
    select
        measured.study_id,
        measured.pair_set,
        measured.method,
        method_orders.method_order,
        measured.relation_type,
        measured.metric,
        measured.n,
        measured.value,
        measured.ci_low,
        measured.ci_high,
        measured.interval_method,
        baselines.baseline_value,
        measured.value - baselines.baseline_value as gain
    from measured
    inner join method_orders
        on measured.method = method_orders.method
    inner join baselines
        on
            measured.study_id = baselines.study_id
            and measured.pair_set = baselines.pair_set
            and measured.relation_type = baselines.relation_type
            and measured.metric = baselines.metric
)

select * from final
