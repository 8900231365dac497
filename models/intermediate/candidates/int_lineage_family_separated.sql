with

candidates as (
    select * from {{ ref('int_lineage_methods_stacked') }}
    where is_same_family is not null
),

targets as (
    select
        study_id,
        pair_set,
        method,
        split,
        derived_key,
        relation_type
    from {{ ref('int_lineage_targets_judged') }}
),

values_counted as (
    select
        candidates.study_id,
        candidates.pair_set,
        candidates.method,
        targets.split,
        targets.relation_type,
        candidates.kinship,
        sum(case when candidates.is_same_family then 1 else 0 end) as n_same,
        sum(case when candidates.is_same_family then 0 else 1 end) as n_different
    from candidates
    inner join targets
        on
            candidates.study_id = targets.study_id
            and candidates.pair_set = targets.pair_set
            and candidates.method = targets.method
            and candidates.derived_key = targets.derived_key
    group by
        candidates.study_id,
        candidates.pair_set,
        candidates.method,
        targets.split,
        targets.relation_type,
        candidates.kinship
),

cumulated as (
    select
        *,
        sum(n_same) over from_the_top as tp,
        sum(n_different) over from_the_top as fp,
        sum(n_different) over whole_curve as n_all_different
    from values_counted
    window
        whole_curve as (partition by study_id, pair_set, method, split, relation_type),
        from_the_top as (
            partition by study_id, pair_set, method, split, relation_type
            order by kinship desc
            rows between unbounded preceding and current row
        )
),

separated as (
    select
        study_id,
        pair_set,
        method,
        split,
        relation_type,
        sum(n_same) as n_same,
        sum(n_different) as n_different,
        {{ area_under_curve('n_same', 'n_different', '(n_all_different - fp)') }} as auc,
        coalesce(max(case when fp <= {{ var('fpr_bound') }} * n_all_different then tp end), 0) as tp_at_bound
    from cumulated
    group by study_id, pair_set, method, split, relation_type
)

select * from separated
where
    n_same > 0
    and n_different > 0
