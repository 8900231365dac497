with

models as (
    select * from {{ ref('stg_hub__models') }}
),

dated as (
    select
        model_key,
        cast(observed_at as date) as observed_on,
        observed_at,
        run_id,
        downloads,
        downloads_all_time,
        likes,
        trending_score
    from models
),

-- The last observation of a day speaks for it; a list that lacks a counter does not erase one.
daily as (
    select
        model_key,
        observed_on,
        max(observed_at) as observed_at,
        max_by(run_id, observed_at) as run_id,
        max_by(downloads, observed_at) filter (where downloads is not null) as downloads,
        max_by(downloads_all_time, observed_at) filter (where downloads_all_time is not null) as downloads_all_time,
        max_by(likes, observed_at) filter (where likes is not null) as likes,
        max_by(trending_score, observed_at) filter (where trending_score is not null) as trending_score
    from dated
    group by model_key, observed_on
)

select * from daily
