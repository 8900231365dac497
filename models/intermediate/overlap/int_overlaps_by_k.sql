with

answers as (
    select * from {{ ref('int_answers_paired') }}
    where n_shared_by_k is not null
),

swept as (
    select
        study_id,
        base_key,
        derived_key,
        study_bottom_k,
        bottom_k,
        vocab_size,
        {{ list_size('n_shared_by_k') }} as n_ks,
        {{ unnested_with_place('n_shared_by_k', 'n_shared', 'place') }}
    from answers
),

sized as (
    select
        study_id,
        base_key,
        derived_key,
        case when place = n_ks - 1 then study_bottom_k else cast(pow(2, place) as int) end as k,
        n_shared,
        cast(least(pow(2, place), bottom_k) as double) as set_size,
        vocab_size
    from swept
),

averaged as (
    select
        study_id,
        base_key,
        derived_key,
        k,
        avg(n_shared / nullif(set_size, 0)) as overlap_ratio,
        avg(set_size / nullif(vocab_size, 0)) as chance_overlap
    from sized
    group by study_id, base_key, derived_key, k
)

select * from averaged
