with

pairs as (
    select * from {{ ref('fct_overlaps') }}
    where
        is_counted
        and is_valid
        and relation in ('same', 'different')
),

download_filters as (
    select * from {{ ref('download_filters') }}
),

pair_sets as (
    {{ pair_sets() }}
),

filtered as (
    select
        pairs.study_id,
        pairs.family_label,
        pair_sets.pair_set,
        download_filters.filter_name,
        download_filters.filter_order,
        pairs.overlap_ratio as threshold,
        case when pairs.relation = 'same' then 1 else 0 end as n_same,
        case when pairs.relation = 'different' then 1 else 0 end as n_different,
        case when pairs.relation = 'same' then coalesce(pairs.quality_weight, 0) else 0 end as weight_same,
        case when pairs.relation = 'different' then coalesce(pairs.quality_weight, 0) else 0 end as weight_different,
        1 as is_observed,
        0 as is_grid
    from pairs
    inner join download_filters
        on {{ passes_download_filter('pairs.derived_downloads', 'download_filters') }}
    inner join pair_sets
        on {{ is_in_pair_set('pairs', 'pair_sets') }}
),

steps as (
    {{ whole_numbers(0, 100, 'step') }}
),

curves as (
    select distinct
        study_id,
        family_label,
        pair_set,
        filter_name,
        filter_order
    from filtered
),

grid as (
    select
        curves.study_id,
        curves.family_label,
        curves.pair_set,
        curves.filter_name,
        curves.filter_order,
        steps.step / cast(100 as double) as threshold,
        0 as n_same,
        0 as n_different,
        0 as weight_same,
        0 as weight_different,
        0 as is_observed,
        1 as is_grid
    from curves
    cross join steps
),

points as (
    select * from filtered
    union all
    select * from grid
),

cuts as (
    select
        study_id,
        family_label,
        pair_set,
        filter_name,
        filter_order,
        threshold,
        sum(n_same) as n_same,
        sum(n_different) as n_different,
        sum(weight_same) as weight_same,
        sum(weight_different) as weight_different,
        max(is_observed) = 1 as is_observed,
        max(is_grid) = 1 as is_grid
    from points
    group by study_id, family_label, pair_set, filter_name, filter_order, threshold
),

-- What lies at or above a cut is predicted same, what lies below it different.
cumulated as (
    select
        study_id,
        family_label,
        pair_set,
        filter_name,
        filter_order,
        threshold,
        is_observed,
        is_grid,
        cast(sum(n_same) over from_the_top as bigint) as tp,
        cast(sum(n_different) over from_the_top as bigint) as fp,
        sum(weight_same) over from_the_top as weight_tp,
        sum(weight_different) over from_the_top as weight_fp,
        cast(sum(n_same) over whole_curve as bigint) as n_same,
        cast(sum(n_different) over whole_curve as bigint) as n_different,
        sum(weight_different) over whole_curve as weight_different,
        sum(weight_same + weight_different) over whole_curve as weight_total
    from cuts
    window
        whole_curve as (partition by study_id, family_label, pair_set, filter_name),
        from_the_top as (
            partition by study_id, family_label, pair_set, filter_name
            order by threshold desc
            rows between unbounded preceding and current row
        )
),

final as (
    select
        study_id,
        family_label,
        pair_set,
        filter_name,
        filter_order,
        threshold,
        is_observed,
        is_grid,
        n_same,
        n_different,
        tp,
        n_same - tp as fn,
        n_different - fp as tn,
        fp,
        {{ classification_rates('tp', 'fp', 'n_same', 'n_different') }},
        (weight_tp + greatest(weight_different - weight_fp, 0)) / nullif(weight_total, 0) as weighted_accuracy
    from cumulated
)

select * from final
