with

pairs as (
    select * from {{ ref('int_overlaps_united') }}
),

paired as (
    select
        base_key as model_key,
        base_hash as model_hash
    from pairs
    union
    select
        derived_key as model_key,
        derived_hash as model_hash
    from pairs
)

select * from paired
