with

sketches as (
    select * from {{ ref('stg_weights__sketches') }}
),

sketched as (
    select distinct
        model_id,
        model_key,
        model_hash,
        run_id,
        loaded_at
    from sketches
),

ranked as (
    select
        *,
        row_number() over (
            partition by model_key
            order by loaded_at desc, run_id desc
        ) as recency
    from sketched
),

latest as (
    select
        model_id,
        model_key,
        model_hash,
        run_id,
        loaded_at
    from ranked
    where recency = 1
)

select * from latest
