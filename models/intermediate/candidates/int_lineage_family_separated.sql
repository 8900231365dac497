with

candidates as (
    select * from {{ ref('int_lineage_methods_stacked') }}
    where is_same_family is not null
),

targets as (
    select * from {{ ref('int_lineage_targets_judged') }}
),

-- Each curve has a number: rows are grouped and sorted by that, and not by five texts.
curves as (
    select
        study_id,
        pair_set,
        method,
        split,
        relation_type,
        row_number() over (
            order by study_id asc, pair_set asc, method asc, split asc, relation_type asc
        ) as curve
    from targets
    group by study_id, pair_set, method, split, relation_type
),

numbered_targets as (
    select
        targets.study_id,
        targets.pair_set,
        targets.method,
        targets.derived_key,
        curves.curve
    from targets
    inner join curves
        on
            targets.study_id = curves.study_id
            and targets.pair_set = curves.pair_set
            and targets.method = curves.method
            and targets.split = curves.split
            and targets.relation_type = curves.relation_type
),

values_counted as (
    select
        numbered_targets.curve,
        candidates.kinship,
        count(case when candidates.is_same_family then 1 end) as n_same,
        count(case when not candidates.is_same_family then 1 end) as n_different
    from candidates
    inner join numbered_targets
        on
            candidates.study_id = numbered_targets.study_id
            and candidates.pair_set = numbered_targets.pair_set
            and candidates.method = numbered_targets.method
            and candidates.derived_key = numbered_targets.derived_key
    group by numbered_targets.curve, candidates.kinship
),

totals as (
    select
        curve,
        sum(n_different) as n_different
    from values_counted
    group by curve
),

cumulated as (
    select
        curve,
        kinship,
        n_same,
        n_different,
        sum(n_same) over from_the_top as tp,
        sum(n_different) over from_the_top as fp
    from values_counted
    window from_the_top as (
        partition by curve
        order by kinship desc
        rows between unbounded preceding and current row
    )
),

judged as (
    select
        cumulated.curve,
        sum(cumulated.n_same) as n_same,
        sum(cumulated.n_different) as n_different,
        {{ area_under_curve('cumulated.n_same', 'cumulated.n_different', '(totals.n_different - cumulated.fp)') }}
            as auc,
        coalesce(
            max(case when cumulated.fp <= {{ var('fpr_bound') }} * totals.n_different then cumulated.tp end), 0
        ) as tp_at_bound
    from cumulated
    inner join totals
        on cumulated.curve = totals.curve
    group by cumulated.curve
),

separated as (
    select
        curves.study_id,
        curves.pair_set,
        curves.method,
        curves.split,
        curves.relation_type,
        judged.n_same,
        judged.n_different,
        judged.auc,
        judged.tp_at_bound
    from judged
    inner join curves
        on judged.curve = curves.curve
)

select * from separated
where
    n_same > 0
    and n_different > 0
