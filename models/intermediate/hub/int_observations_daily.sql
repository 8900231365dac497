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

{{ once_and_several_ctes('observations', ['model_hash', 'observed_on']) }},

-- The last observation of a day speaks for it.
put_together as (
    select
        model_hash,
        observed_on,
        max(observed_at) as observed_at,
        {{ newest('run_id', 'observed_at', 'run_id') }} as run_id,
        max(run_finished_at) as run_finished_at,
        {{ newest('downloads', 'observed_at', 'run_id') }} as downloads,
        {{ newest('downloads_all_time', 'observed_at', 'run_id') }} as downloads_all_time,
        {{ newest('likes', 'observed_at', 'run_id') }} as likes,
        {{ newest('trending_score', 'observed_at', 'run_id') }} as trending_score
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
