with

pairs as (
    select * from {{ ref('fct_overlaps') }}
    where
        is_counted
        and origin = 'measured'
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
        pairs.study_id,
        pairs.family_label,
        pairs.relation,
        pairs.derived_model_id,
        pairs.copy_group_id,
        coalesce(pairs.is_tokenizer_match, false) as is_tokenizer_match,
        overlaps_by_k.k,
        overlaps_by_k.overlap_ratio,
        overlaps_by_k.chance_overlap
    from overlaps_by_k
    inner join pairs
        on
            overlaps_by_k.study_id = pairs.study_id
            and overlaps_by_k.base_key = lower(pairs.base_model_id)
            and overlaps_by_k.derived_key = lower(pairs.derived_model_id)
    where pairs.is_valid
    union all
    select
        pairs.study_id,
        pairs.family_label,
        pairs.relation,
        pairs.derived_model_id,
        pairs.copy_group_id,
        coalesce(pairs.is_tokenizer_match, false) as is_tokenizer_match,
        grid.k,
        cast(null as double) as overlap_ratio,
        cast(null as double) as chance_overlap
    from pairs
    inner join grid
        on
            pairs.study_id = grid.study_id
            and lower(pairs.base_model_id) = grid.base_key
    where not pairs.is_valid
),

grouped as (
    select
        study_id,
        family_label,
        relation,
        k,
        {{ overlap_statistics() }},
        avg(chance_overlap) as chance_overlap
    from swept
    group by study_id, family_label, relation, k
),

pair_sets as (
    {{ pair_sets() }}
),

values_counted as (
    select
        swept.study_id,
        swept.family_label,
        swept.k,
        pair_sets.pair_set,
        swept.overlap_ratio,
        sum(case when swept.relation = 'same' then 1 else 0 end) as n_same,
        sum(case when swept.relation = 'different' then 1 else 0 end) as n_different
    from swept
    inner join pair_sets
        on {{ is_in_pair_set('swept', 'pair_sets') }}
    where
        swept.overlap_ratio is not null
        and swept.relation in ('same', 'different')
    group by swept.study_id, swept.family_label, swept.k, pair_sets.pair_set, swept.overlap_ratio
),

ordered as (
    select
        *,
        sum(n_different) over (
            partition by study_id, family_label, k, pair_set
            order by overlap_ratio rows between unbounded preceding and current row
        ) - n_different as n_different_below
    from values_counted
),

separated as (
    select
        study_id,
        family_label,
        k,
        pair_set,
        sum(n_same) as n_same,
        sum(n_different) as n_different,
        sum(n_same * overlap_ratio) / nullif(sum(n_same), 0)
        - sum(n_different * overlap_ratio) / nullif(sum(n_different), 0) as mean_gap,
        {{ area_under_curve('n_same', 'n_different', 'n_different_below') }} as auc
    from ordered
    group by study_id, family_label, k, pair_set
),

final as (
    select
        grouped.*,
        grouped.k = max(grouped.k) over (partition by grouped.study_id, grouped.family_label) as is_study_k,
        cast(coalesce(of_all.n_same, 0) as bigint) as n_same,
        cast(coalesce(of_all.n_different, 0) as bigint) as n_different,
        of_all.mean_gap,
        of_all.auc,
        cast(coalesce(of_matching.n_same, 0) as bigint) as n_same_tokenizer_match,
        cast(coalesce(of_matching.n_different, 0) as bigint) as n_different_tokenizer_match,
        of_matching.mean_gap as mean_gap_tokenizer_match,
        of_matching.auc as auc_tokenizer_match
    from grouped
    left join separated as of_all
        on
            grouped.study_id = of_all.study_id
            and grouped.family_label = of_all.family_label
            and grouped.k = of_all.k
            and of_all.pair_set = 'all'
    left join separated as of_matching
        on
            grouped.study_id = of_matching.study_id
            and grouped.family_label = of_matching.family_label
            and grouped.k = of_matching.k
            and of_matching.pair_set = 'tokenizer_match'
)

select * from final
