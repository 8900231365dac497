with

targets as (
    select * from {{ ref('int_lineage_targets_judged') }}
    where has_parent
),

of_models as (
    select
        study_id,
        pair_set,
        method,
        split,
        relation_type,
        'mrr' as metric,
        count(*) as n,
        avg(cast(1 as double) / parent_place) as mean,
        stddev_samp(cast(1 as double) / parent_place) as stddev
    from targets
    group by study_id, pair_set, method, split, relation_type
),

of_pairs as (
    select
        study_id,
        pair_set,
        method,
        split,
        relation_type,
        'mrr_pairs' as metric,
        cast(sum(n_parents) as bigint) as n,
        sum(sum_reciprocal) / sum(n_parents) as mean,
        sqrt(
            greatest(sum(sum_squared) - sum(sum_reciprocal) * sum(sum_reciprocal) / sum(n_parents), 0)
            / nullif(sum(n_parents) - 1, 0)
        ) as stddev
    from targets
    group by study_id, pair_set, method, split, relation_type
),

averaged as (
    select * from of_models
    union all
    select * from of_pairs
)

select * from averaged
