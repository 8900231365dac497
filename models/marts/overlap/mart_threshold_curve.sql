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

families as (
    select distinct
        study_id,
        family_label
    from pairs
),

-- Each curve has a number: rows are grouped and sorted by that, and not by four texts.
curves as (
    select
        families.study_id,
        families.family_label,
        pair_sets.pair_set,
        download_filters.filter_name,
        download_filters.filter_order,
        download_filters.min_downloads,
        row_number() over (order by families.study_id, families.family_label, pair_sets.pair_set, filter_order) as curve
    from families
    cross join pair_sets
    cross join download_filters
),

filtered as (
    select
        curves.curve,
        pairs.overlap_ratio as threshold,
        case when pairs.relation = 'same' then 1 else 0 end as n_same,
        case when pairs.relation = 'different' then 1 else 0 end as n_different,
        case when pairs.relation = 'same' then coalesce(pairs.quality_weight, 0) else 0 end as weight_same,
        case when pairs.relation = 'different' then coalesce(pairs.quality_weight, 0) else 0 end as weight_different
    from pairs
    inner join curves
        on
            pairs.study_id = curves.study_id
            and pairs.family_label = curves.family_label
            and ({{ is_in_pair_set('pairs', 'curves') }})
            and {{ passes_download_filter('pairs.derived_downloads', 'curves') }}
),

totals as (
    select
        curve,
        cast(sum(n_same) as bigint) as n_same,
        cast(sum(n_different) as bigint) as n_different,
        {{ exact_sum('weight_different') }} as weight_different,
        {{ exact_sum('weight_same + weight_different') }} as weight_total
    from filtered
    group by curve
),

steps as (
    {{ whole_numbers(0, 100, 'step') }}
),

points as (
    select
        *,
        1 as is_observed,
        0 as is_grid
    from filtered
    union all
    select
        totals.curve,
        steps.step / cast(100 as double) as threshold,
        0 as n_same,
        0 as n_different,
        0 as weight_same,
        0 as weight_different,
        0 as is_observed,
        1 as is_grid
    from totals
    cross join steps
),

cuts as (
    select
        curve,
        threshold,
        sum(n_same) as n_same,
        sum(n_different) as n_different,
        {{ exact_sum('weight_same') }} as weight_same,
        {{ exact_sum('weight_different') }} as weight_different,
        max(is_observed) = 1 as is_observed,
        max(is_grid) = 1 as is_grid
    from points
    group by curve, threshold
),

-- What lies at or above a cut is predicted same, what lies below it different.
cumulated as (
    select
        curve,
        threshold,
        is_observed,
        is_grid,
        cast(sum(n_same) over from_the_top as bigint) as tp,
        cast(sum(n_different) over from_the_top as bigint) as fp,
        sum(weight_same) over from_the_top as weight_tp,
        sum(weight_different) over from_the_top as weight_fp
    from cuts
    window from_the_top as (
        partition by curve order by threshold desc rows between unbounded preceding and current row
    )
),

final as (
    select
        curves.study_id,
        curves.family_label,
        curves.pair_set,
        curves.filter_name,
        curves.filter_order,
        cumulated.threshold,
        cumulated.is_observed,
        cumulated.is_grid,
        totals.n_same,
        totals.n_different,
        cumulated.tp,
        totals.n_same - cumulated.tp as fn,
        totals.n_different - cumulated.fp as tn,
        cumulated.fp,
        {{ classification_rates('cumulated.tp', 'cumulated.fp', 'totals.n_same', 'totals.n_different') }},
        (cumulated.weight_tp + greatest(totals.weight_different - cumulated.weight_fp, 0))
        / nullif(totals.weight_total, 0) as weighted_accuracy
    from cumulated
    inner join totals
        on cumulated.curve = totals.curve
    inner join curves
        on cumulated.curve = curves.curve
)

select * from final
