with

pairs as (
    select
        study_id,
        family_label,
        relation,
        is_valid,
        is_tokenizer_match,
        lower(base_model_id) as base_key,
        lower(derived_model_id) as derived_key,
        dense_rank() over (order by study_id, family_label) as family,  -- Numbers group faster than texts.
        dense_rank() over (order by coalesce(copy_group_id, derived_model_id)) as member
    from {{ ref('fct_overlaps') }}
    where is_counted and origin = 'measured'
),

families as (
    select distinct
        family,
        study_id,
        family_label
    from pairs
),

overlaps_by_k as (
    select * from {{ ref('int_overlaps_by_k') }}
),

grid as (
    select distinct
        study_id,
        base_key,
        k
    from overlaps_by_k
),

-- A pair that failed has a row at every k of its base, without an overlap.
swept as (
    select
        pairs.family,
        pairs.relation,
        pairs.member,
        pairs.is_tokenizer_match,
        overlaps_by_k.k,
        overlaps_by_k.overlap_ratio,
        overlaps_by_k.chance_overlap
    from overlaps_by_k
    inner join pairs
        on
            overlaps_by_k.study_id = pairs.study_id
            and overlaps_by_k.base_key = pairs.base_key
            and overlaps_by_k.derived_key = pairs.derived_key
    where pairs.is_valid
    union all
    select
        pairs.family,
        pairs.relation,
        pairs.member,
        pairs.is_tokenizer_match,
        grid.k,
        cast(null as double) as overlap_ratio,
        cast(null as double) as chance_overlap
    from pairs
    inner join grid
        on pairs.study_id = grid.study_id and pairs.base_key = grid.base_key
    where not pairs.is_valid
),

grouped as (
    select
        family,
        relation,
        k,
        {{ overlap_statistics('member') }},
        {{ exact_mean('chance_overlap') }} as chance_overlap
    from swept
    group by family, relation, k
),

values_counted as (
    select
        family,
        k,
        overlap_ratio,
        count(case when relation = 'same' then 1 end) as n_same,
        count(case when relation = 'different' then 1 end) as n_different,
        count(case when relation = 'same' and is_tokenizer_match then 1 end) as n_same_match,
        count(case when relation = 'different' and is_tokenizer_match then 1 end) as n_different_match
    from swept
    where overlap_ratio is not null and relation in ('same', 'different')
    group by family, k, overlap_ratio
),

running as (
    select
        *,
        (sum(n_different) over from_below) - n_different as n_below,
        (sum(n_different_match) over from_below) - n_different_match as n_match_below
    from values_counted
    window from_below as (partition by family, k order by overlap_ratio)
),

separated as (
    select
        family,
        k,
        sum(n_same) as n_same,
        sum(n_different) as n_different,
        {{ mean_gap('overlap_ratio', 'n_same', 'n_different') }} as mean_gap,
        {{ area_under_curve('n_same', 'n_different', 'n_below') }} as auc,
        sum(n_same_match) as n_same_match,
        sum(n_different_match) as n_different_match,
        {{ mean_gap('overlap_ratio', 'n_same_match', 'n_different_match') }} as mean_gap_match,
        {{ area_under_curve('n_same_match', 'n_different_match', 'n_match_below') }} as auc_match
    from running
    group by family, k
),

final as (
    select
        families.study_id,
        families.family_label,
        grouped.relation,
        grouped.k,
        grouped.n_pairs,
        grouped.n_valid,
        grouped.mean_overlap,
        grouped.median_overlap,
        grouped.stddev_overlap,
        grouped.min_overlap,
        grouped.max_overlap,
        grouped.n_effective,
        grouped.chance_overlap,
        grouped.k = max(grouped.k) over (partition by grouped.family) as is_study_k,
        cast(coalesce(separated.n_same, 0) as bigint) as n_same,
        cast(coalesce(separated.n_different, 0) as bigint) as n_different,
        separated.mean_gap,
        separated.auc,
        cast(coalesce(separated.n_same_match, 0) as bigint) as n_same_tokenizer_match,
        cast(coalesce(separated.n_different_match, 0) as bigint) as n_different_tokenizer_match,
        separated.mean_gap_match as mean_gap_tokenizer_match,
        separated.auc_match as auc_tokenizer_match
    from grouped
    inner join families on grouped.family = families.family
    left join separated
        on grouped.family = separated.family and grouped.k = separated.k
)

select * from final
