with

observations as (
    select * from {{ ref('stg_hub__models') }}
),

sighted as (
    select
        hub_id,
        model_hash,
        min(observed_at) as first_observed_at,
        max(observed_at) as last_observed_at
    from observations
    where hub_id is not null
    group by hub_id, model_hash
)

select * from sighted
