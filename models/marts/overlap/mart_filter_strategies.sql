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
    select 'all' as pair_set
    union all
    select 'tokenizer_match' as pair_set
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
        on pair_sets.pair_set = 'all' or pairs.is_tokenizer_match
    cross join download_filters
),

-- Ranks for the probability that a same-family pair has more overlap than a different-family one; ties share theirs.
ranked as (
    select
        *,
        rank() over (
            partition by
                study_id,
                strategy,
                family_label,
                pair_set,
                kept_overlap is not null and relation in ('same', 'different')
            order by kept_overlap
        ) as first_rank,
        count(*) over (
            partition by
                study_id,
                strategy,
                family_label,
                pair_set,
                kept_overlap is not null and relation in ('same', 'different'),
                kept_overlap
        ) as n_tied
    from marked
),

highest_different as (
    select
        study_id,
        family_label,
        pair_set,
        strategy,
        max(kept_overlap) as max_different
    from marked
    where relation = 'different'
    group by study_id, family_label, pair_set, strategy
),

grouped as (
    select
        ranked.study_id,
        ranked.family_label,
        ranked.pair_set,
        ranked.strategy,
        ranked.strategy_order,
        ranked.min_downloads,
        count(*) as n_pairs,
        sum(case when ranked.is_kept then 1 else 0 end) as n_kept,
        count(ranked.kept_overlap) as n_valid,
        count(case when ranked.relation = 'same' then ranked.kept_overlap end) as n_same,
        count(case when ranked.relation = 'different' then ranked.kept_overlap end) as n_different,
        sum(case when ranked.is_kept and ranked.quality = 'low' then 1 else 0 end) as n_flagged_low,
        avg(case when ranked.relation = 'same' then ranked.kept_overlap end) as mean_same,
        avg(case when ranked.relation = 'different' then ranked.kept_overlap end) as mean_different,
        stddev_samp(case when ranked.relation = 'same' then ranked.kept_overlap end) as stddev_same,
        stddev_samp(case when ranked.relation = 'different' then ranked.kept_overlap end) as stddev_different,
        min(case when ranked.relation = 'same' then ranked.kept_overlap end) as min_same,
        max(case when ranked.relation = 'different' then ranked.kept_overlap end) as max_different,
        sum(
            case
                when ranked.relation = 'same' and ranked.kept_overlap <= highest_different.max_different then 1
                else 0
            end
        ) as n_same_within_different,
        sum(
            case
                when ranked.relation = 'same' and ranked.kept_overlap is not null
                    then ranked.first_rank + (ranked.n_tied - 1) / cast(2 as double)
            end
        ) as rank_sum_same
    from ranked
    left join highest_different
        on
            ranked.study_id = highest_different.study_id
            and ranked.family_label = highest_different.family_label
            and ranked.pair_set = highest_different.pair_set
            and ranked.strategy = highest_different.strategy
    group by
        ranked.study_id,
        ranked.family_label,
        ranked.pair_set,
        ranked.strategy,
        ranked.strategy_order,
        ranked.min_downloads
),

final as (
    select
        study_id,
        family_label,
        pair_set,
        strategy,
        strategy_order,
        min_downloads,
        n_pairs,
        cast(n_kept as bigint) as n_kept,
        cast(n_kept as double) / n_pairs as share_kept,
        n_valid,
        n_same,
        n_different,
        cast(n_flagged_low as bigint) as n_flagged_low,
        mean_same,
        mean_different,
        stddev_same,
        stddev_different,
        min_same,
        max_different,
        mean_same - mean_different as mean_difference,
        mean_same / nullif(mean_different, 0) as ratio_same_to_different,
        {{ hedges_g('mean_same', 'stddev_same', 'n_same', 'mean_different', 'stddev_different', 'n_different') }}
            as hedges_g,
        (rank_sum_same - n_same * (n_same + 1) / cast(2 as double)) / nullif(n_same * n_different, 0) as auc,
        case when n_different > 0 then cast(n_same_within_different as double) / nullif(n_same, 0) end
            as share_same_within_different
    from grouped
)

select * from final
