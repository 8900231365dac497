with

pairs as (
    select * from {{ ref('fct_overlaps') }}
    where is_counted
),

download_filters as (
    select * from {{ ref('download_filters') }}
    where strategy is not null
),

pair_sets as (
    {{ pair_sets() }}
),

-- A strategy that keeps nothing of a family is a row too: pairs are marked, not left out.
marked as (
    select
        pairs.study_id,
        pairs.family_label,
        pair_sets.pair_set,
        download_filters.strategy,
        download_filters.filter_order as strategy_order,
        download_filters.min_downloads,
        pairs.relation,
        pairs.is_valid,
        pairs.quality,
        {{ passes_download_filter('pairs.derived_downloads', 'download_filters') }} as is_kept,
        case
            when {{ passes_download_filter('pairs.derived_downloads', 'download_filters') }} then pairs.overlap_ratio
        end as kept_overlap
    from pairs
    inner join pair_sets
        on {{ is_in_pair_set('pairs', 'pair_sets') }}
    cross join download_filters
),

-- What the pairs that are kept say of both relations, value by value.
values_counted as (
    select
        study_id,
        family_label,
        pair_set,
        strategy,
        kept_overlap,
        count(case when relation = 'same' then 1 end) as n_same,
        count(case when relation = 'different' then 1 end) as n_different
    from marked
    where
        kept_overlap is not null
        and relation in ('same', 'different')
    group by study_id, family_label, pair_set, strategy, kept_overlap
),

ordered as (
    select
        *,
        sum(n_different) over (
            partition by study_id, family_label, pair_set, strategy
            order by kept_overlap
            rows between unbounded preceding and current row
        ) - n_different as n_different_below,
        sum(n_different) over (partition by study_id, family_label, pair_set, strategy) as n_all_different
    from values_counted
),

separated as (
    select
        study_id,
        family_label,
        pair_set,
        strategy,
        {{ area_under_curve('n_same', 'n_different', 'n_different_below') }} as auc,
        sum(case when n_different_below < n_all_different then n_same else 0 end) as n_same_within_different
    from ordered
    group by study_id, family_label, pair_set, strategy
),

grouped as (
    select
        study_id,
        family_label,
        pair_set,
        strategy,
        strategy_order,
        min_downloads,
        count(*) as n_pairs,
        sum(case when is_kept then 1 else 0 end) as n_kept,
        count(kept_overlap) as n_valid,
        count(case when relation = 'same' then kept_overlap end) as n_same,
        count(case when relation = 'different' then kept_overlap end) as n_different,
        sum(case when is_kept and quality = 'low' then 1 else 0 end) as n_flagged_low,
        {{ exact_mean("case when relation = 'same' then kept_overlap end") }} as mean_same,
        {{ exact_mean("case when relation = 'different' then kept_overlap end") }} as mean_different,
        {{ exact_stddev("case when relation = 'same' then kept_overlap end") }} as stddev_same,
        {{ exact_stddev("case when relation = 'different' then kept_overlap end") }} as stddev_different,
        min(case when relation = 'same' then kept_overlap end) as min_same,
        max(case when relation = 'different' then kept_overlap end) as max_different
    from marked
    group by study_id, family_label, pair_set, strategy, strategy_order, min_downloads
),

final as (
    select
        grouped.study_id,
        grouped.family_label,
        grouped.pair_set,
        grouped.strategy,
        grouped.strategy_order,
        grouped.min_downloads,
        grouped.n_pairs,
        cast(grouped.n_kept as bigint) as n_kept,
        cast(grouped.n_kept as double) / grouped.n_pairs as share_kept,
        grouped.n_valid,
        grouped.n_same,
        grouped.n_different,
        cast(grouped.n_flagged_low as bigint) as n_flagged_low,
        grouped.mean_same,
        grouped.mean_different,
        grouped.stddev_same,
        grouped.stddev_different,
        grouped.min_same,
        grouped.max_different,
        grouped.mean_same - grouped.mean_different as mean_difference,
        grouped.mean_same / nullif(grouped.mean_different, 0) as ratio_same_to_different,
        {{ hedges_g(
            'grouped.mean_same', 'grouped.stddev_same', 'grouped.n_same',
            'grouped.mean_different', 'grouped.stddev_different', 'grouped.n_different'
        ) }} as hedges_g,
        separated.auc,
        case
            when grouped.n_different > 0
                then cast(separated.n_same_within_different as double) / nullif(grouped.n_same, 0)
        end as share_same_within_different
    from grouped
    left join separated
        on
            grouped.study_id = separated.study_id
            and grouped.family_label = separated.family_label
            and grouped.pair_set = separated.pair_set
            and grouped.strategy = separated.strategy
)

select * from final
