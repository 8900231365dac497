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
        {{ exact_mean('cast(1 as double) / parent_place') }} as mean,
        {{ exact_stddev('cast(1 as double) / parent_place') }} as stddev
    from targets
    group by study_id, pair_set, method, split, relation_type
),

pairs_summed as (
    select
        study_id,
        pair_set,
        method,
        split,
        relation_type,
        cast(sum(n_parents) as bigint) as n,
        {{ exact_sum('sum_reciprocal') }} as sum_reciprocal,
        {{ exact_sum('sum_squared') }} as sum_squared
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
        n,
        sum_reciprocal / n as mean,
        sqrt(greatest(sum_squared - sum_reciprocal * sum_reciprocal / n, 0) / nullif(n - 1, 0)) as stddev
    from pairs_summed
),

averaged as (
    select * from of_models
    union all
    select * from of_pairs
)

select * from averaged
