with

pairs as (
    select * from {{ ref('fct_overlaps') }}
    where is_counted
),

download_filters as (
    select * from {{ ref('download_filters') }}
    where min_downloads is not null
),

marked as (
    select
        pairs.study_id,
        pairs.family_label,
        pairs.relation,
        download_filters.filter_name,
        download_filters.filter_order,
        download_filters.min_downloads,
        pairs.overlap_ratio,
        pairs.derived_downloads,
        {{ passes_download_filter('pairs.derived_downloads', 'download_filters') }} as is_kept,
        case
            when {{ passes_download_filter('pairs.derived_downloads', 'download_filters') }} then pairs.overlap_ratio
        end as kept_overlap,
        case
            when not {{ passes_download_filter('pairs.derived_downloads', 'download_filters') }}
                then pairs.overlap_ratio
        end as dropped_overlap
    from pairs
    cross join download_filters
),

grouped as (
    select
        study_id,
        family_label,
        relation,
        filter_name,
        filter_order,
        min_downloads,
        count(*) as n_pairs,
        sum(case when is_kept then 1 else 0 end) as n_kept,
        sum(case when not is_kept then 1 else 0 end) as n_dropped,
        sum(case when derived_downloads is null then 1 else 0 end) as n_dropped_unknown,
        count(overlap_ratio) as n_valid,
        count(kept_overlap) as n_valid_kept,
        count(dropped_overlap) as n_valid_dropped,
        {{ exact_mean('overlap_ratio') }} as mean_before,
        {{ exact_mean('kept_overlap') }} as mean_kept,
        {{ exact_mean('dropped_overlap') }} as mean_dropped,
        median(overlap_ratio) as median_before,
        median(kept_overlap) as median_kept,
        median(dropped_overlap) as median_dropped,
        {{ exact_stddev('overlap_ratio') }} as stddev_before,
        {{ exact_stddev('kept_overlap') }} as stddev_kept,
        {{ exact_stddev('dropped_overlap') }} as stddev_dropped
    from marked
    group by study_id, family_label, relation, filter_name, filter_order, min_downloads
),

final as (
    select
        study_id,
        family_label,
        relation,
        filter_name,
        filter_order,
        min_downloads,
        n_pairs,
        cast(n_kept as bigint) as n_kept,
        cast(n_dropped as bigint) as n_dropped,
        cast(n_dropped_unknown as bigint) as n_dropped_unknown,
        n_valid,
        n_valid_kept,
        n_valid_dropped,
        1 - cast(n_valid_kept as double) / nullif(n_kept, 0) as share_invalid_kept,
        1 - cast(n_valid_dropped as double) / nullif(n_dropped, 0) as share_invalid_dropped,
        mean_before,
        mean_kept,
        mean_dropped,
        median_before,
        median_kept,
        median_dropped,
        stddev_before,
        stddev_kept,
        stddev_dropped,
        mean_kept - mean_before as mean_shift,
        mean_kept - mean_dropped as mean_difference,
        {{ hedges_g('mean_kept', 'stddev_kept', 'n_valid_kept', 'mean_dropped', 'stddev_dropped', 'n_valid_dropped') }}
            as hedges_g
    from grouped
)

select * from final
