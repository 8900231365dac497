{#-
    At the k that a pair was measured with, the overlap by k is the overlap of the pair. mart_overlap_by_k and
    int_overlaps_measured come to it by different ways, place by place and set by set; whoever compares ks relies on
    their agreement. When it fails, a stored set holds an id twice, or one of the two ways changed alone.
-#}
with

pairs as (
    select * from {{ ref('int_overlaps_measured') }}
),

overlaps_by_k as (
    select * from {{ ref('int_overlaps_by_k') }}
),

last_ks as (
    select
        study_id,
        base_key,
        max(k) as k
    from overlaps_by_k
    group by study_id, base_key
),

at_last_k as (
    select overlaps_by_k.*
    from overlaps_by_k
    inner join last_ks
        on
            overlaps_by_k.study_id = last_ks.study_id
            and overlaps_by_k.base_key = last_ks.base_key
            and overlaps_by_k.k = last_ks.k
),

failed as (
    select
        pairs.study_id,
        pairs.base_key,
        pairs.derived_key,
        pairs.overlap_ratio,
        at_last_k.overlap_ratio as overlap_at_last_k
    from pairs
    left join at_last_k
        on
            pairs.study_id = at_last_k.study_id
            and pairs.base_key = at_last_k.base_key
            and pairs.derived_key = at_last_k.derived_key
    where
        pairs.overlap_ratio is not null
        and not coalesce(abs(pairs.overlap_ratio - at_last_k.overlap_ratio) < 1e-9, false)
)

select * from failed
