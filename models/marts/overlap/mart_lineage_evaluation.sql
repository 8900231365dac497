with

method_orders as (
    select distinct
        method,
        method_order
    from {{ ref('int_lineage_targets_judged') }}
),

answers as (
    select * from {{ ref('int_lineage_answers_counted') }}
),

reciprocal_ranks as (
    select * from {{ ref('int_lineage_ranks_averaged') }}
),

separated as (
    select * from {{ ref('int_lineage_family_separated') }}
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
        split,
        relation_type,
        metric,
        cast(n as bigint) as n,
        cast(n_right as double) / n as value,
        {{ wilson_low('n_right', 'n') }} as ci_low,
        {{ wilson_high('n_right', 'n') }} as ci_high,
        'wilson' as interval_method
    from answers
    union all
    select
        study_id,
        pair_set,
        method,
        split,
        relation_type,
        metric,
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
        split,
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
        split,
        relation_type,
        metric,
        value as baseline_value
    from measured
    where method = 'overlap_one_way'
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
        measured.value - baselines.baseline_value as gain,
        measured.split
    from measured
    inner join method_orders
        on measured.method = method_orders.method
    left join baselines
        on
            measured.study_id = baselines.study_id
            and measured.pair_set = baselines.pair_set
            and measured.split = baselines.split
            and measured.relation_type = baselines.relation_type
            and measured.metric = baselines.metric
)

select * from final
