with

targets as (
    select
        study_id,
        pair_set,
        method,
        method_order,
        derived_key,
        has_parent,
        parent_place,
        top_score,
        half
    from {{ ref('int_lineage_targets_judged') }}
    where
        relation_type = 'any'
        and split = 'all'
        and is_in_lineage
),

cuts as (
    select
        study_id,
        pair_set,
        method,
        half,
        top_score as cut,
        sum(case when has_parent then 1 else 0 end) as n_with,
        sum(case when has_parent then 0 else 1 end) as n_without
    from targets
    group by study_id, pair_set, method, half, top_score
),

cumulated as (
    select
        study_id,
        pair_set,
        method,
        half,
        cut,
        cast(sum(n_with) over from_the_top as double) / nullif(sum(n_with) over whole_half, 0)
        - cast(sum(n_without) over from_the_top as double) / nullif(sum(n_without) over whole_half, 0) as youden_j
    from cuts
    window
        whole_half as (partition by study_id, pair_set, method, half),
        from_the_top as (
            partition by study_id, pair_set, method, half
            order by cut desc
            rows between unbounded preceding and current row
        )
),

chosen as (
    select
        study_id,
        pair_set,
        method,
        half,
        cut,
        row_number() over (
            partition by study_id, pair_set, method, half
            order by round(youden_j, 12) desc, cut desc
        ) as place
    from cumulated
    where youden_j is not null
),

answered as (
    select
        targets.study_id,
        targets.pair_set,
        targets.method,
        targets.method_order,
        targets.derived_key,
        targets.half,
        targets.has_parent,
        chosen.cut,
        targets.top_score >= chosen.cut as says_parent,
        (targets.top_score >= chosen.cut) = targets.has_parent as is_presence_right,
        case
            when targets.top_score >= chosen.cut then coalesce(targets.parent_place = 1, false)
            else not targets.has_parent
        end as is_answer_right
    from targets
    inner join chosen
        on
            targets.study_id = chosen.study_id
            and targets.pair_set = chosen.pair_set
            and targets.method = chosen.method
            and targets.half != chosen.half
            and chosen.place = 1
)

select * from answered
