{#-
    What was counted of a model on a day. Grows run by run: a day that is observed again is put together anew from
    what is held of it and what came.
-#}
{{ config(
    materialized=incremental_or_table(),
    unique_key=['model_hash', 'observed_on'],
    incremental_strategy='delete+insert',
    on_schema_change='fail',
    tags=['daily']
) }}

with

models as (
    select * from {{ ref('stg_hub__models') }}
    {% if is_incremental() %}
        where run_finished_at > {{ last_run_held() }}
    {% endif %}
),

dated as (
    select
        model_hash,
        cast(observed_at as date) as observed_on,
        observed_at,
        run_id,
        run_finished_at,
        downloads,
        downloads_all_time,
        likes,
        trending_score
    from models
),

{% if is_incremental() %}
held as (
    select
        held.model_hash,
        held.observed_on,
        held.observed_at,
        held.run_id,
        held.run_finished_at,
        held.downloads,
        held.downloads_all_time,
        held.likes,
        held.trending_score
    from {{ this }} as held
    inner join (select distinct model_hash, observed_on from dated) as observed_anew
        on
            held.model_hash = observed_anew.model_hash
            and held.observed_on = observed_anew.observed_on
),

{% endif %}
observations as (
    select * from dated
    {% if is_incremental() %}
        union all
        select * from held
    {% endif %}
),

observed_again as (
    select
        model_hash,
        observed_on
    from observations
    group by model_hash, observed_on
    having count(*) > 1
),

once as (
    select observations.*
    from observations
    left join observed_again
        on
            observations.model_hash = observed_again.model_hash
            and observations.observed_on = observed_again.observed_on
    where observed_again.model_hash is null
),

several as (
    select observations.*
    from observations
    inner join observed_again
        on
            observations.model_hash = observed_again.model_hash
            and observations.observed_on = observed_again.observed_on
),

-- The last observation of a day speaks for it; a list that lacks a counter does not erase one.
put_together as (
    select
        model_hash,
        observed_on,
        max(observed_at) as observed_at,
        max_by(run_id, observed_at) as run_id,
        max(run_finished_at) as run_finished_at,
        max_by(downloads, observed_at) filter (where downloads is not null) as downloads,
        max_by(downloads_all_time, observed_at) filter (where downloads_all_time is not null) as downloads_all_time,
        max_by(likes, observed_at) filter (where likes is not null) as likes,
        max_by(trending_score, observed_at) filter (where trending_score is not null) as trending_score
    from several
    group by model_hash, observed_on
),

daily as (
    select
        model_hash,
        observed_on,
        observed_at,
        run_id,
        run_finished_at,
        downloads,
        downloads_all_time,
        likes,
        trending_score
    from once
    union all
    select * from put_together
)

select * from daily
