with

pairs as (
    select * from {{ ref('fct_overlaps') }}
    where is_counted
),

overlap_ranges as (
    select * from {{ ref('overlap_ranges') }}
),

last_ranges as (
    select
        scheme,
        max(range_order) as range_order
    from overlap_ranges
    group by scheme
),

closed_ranges as (
    select
        overlap_ranges.*,
        last_ranges.scheme is not null as is_last
    from overlap_ranges
    left join last_ranges
        on
            overlap_ranges.scheme = last_ranges.scheme
            and overlap_ranges.range_order = last_ranges.range_order
),

pair_groups as (
    select
        study_id,
        family_label,
        relation,
        count(*) as n_group
    from pairs
    where is_valid
    group by study_id, family_label, relation
),

-- A range that holds no pair is a row too, so that every group has every range of every scheme.
counted as (
    select
        pair_groups.study_id,
        pair_groups.family_label,
        pair_groups.relation,
        closed_ranges.scheme,
        closed_ranges.range_label,
        closed_ranges.range_order,
        closed_ranges.lower_bound,
        closed_ranges.upper_bound,
        closed_ranges.modification,
        pair_groups.n_group,
        count(pairs.derived_model_id) as n_valid
    from pair_groups
    cross join closed_ranges
    left join pairs
        on
            pair_groups.study_id = pairs.study_id
            and pair_groups.family_label = pairs.family_label
            and pair_groups.relation = pairs.relation
            and closed_ranges.lower_bound <= pairs.overlap_ratio
            and (
                closed_ranges.upper_bound > pairs.overlap_ratio
                or (closed_ranges.is_last and closed_ranges.upper_bound = pairs.overlap_ratio)
            )
    group by
        pair_groups.study_id,
        pair_groups.family_label,
        pair_groups.relation,
        closed_ranges.scheme,
        closed_ranges.range_label,
        closed_ranges.range_order,
        closed_ranges.lower_bound,
        closed_ranges.upper_bound,
        closed_ranges.modification,
        pair_groups.n_group
),

final as (
    select
        study_id,
        family_label,
        relation,
        scheme,
        range_label,
        range_order,
        lower_bound,
        upper_bound,
        modification,
        n_valid,
        n_group,
        cast(n_valid as double) / n_group as share,
        {{ wilson_low('n_valid', 'n_group') }} as share_ci_low,
        {{ wilson_high('n_valid', 'n_group') }} as share_ci_high
    from counted
)

select * from final
