{#-
    What was counted of a model on a day. Grows run by run: a day that is observed again is put together anew from
    what is held of it and what came.
-#}
{{ config(
    materialized=incremental_or_table(),
    unique_key=['model_key', 'observed_on'],
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
        model_key,
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
        held.model_key,
        held.observed_on,
        held.observed_at,
        held.run_id,
        held.run_finished_at,
        held.downloads,
        held.downloads_all_time,
        held.likes,
        held.trending_score
    from {{ this }} as held
    inner join (select distinct model_key, observed_on from dated) as observed_anew
        on
            held.model_key = observed_anew.model_key
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
        model_key,
        observed_on
    from observations
    group by model_key, observed_on
    having count(*) > 1
),

once as (
    select
        observations.model_key,
        observations.observed_on,
        observations.observed_at,
        observations.run_id,
        observations.run_finished_at,
        observations.downloads,
        observations.downloads_all_time,
        observations.likes,
        observations.trending_score
    from observations
    left join observed_again
        on
            observations.model_key = observed_again.model_key
            and observations.observed_on = observed_again.observed_on
    where observed_again.model_key is null
),

-- The last observation of a day speaks for it; a list that lacks a counter does not erase one.
several as (
    select
        observations.model_key,
        observations.observed_on,
        max(observations.observed_at) as observed_at,
        max_by(observations.run_id, observations.observed_at) as run_id,
        max(observations.run_finished_at) as run_finished_at,
        {% for counter in ['downloads', 'downloads_all_time', 'likes', 'trending_score'] %}
        max_by(observations.{{ counter }}, observations.observed_at)
            filter (where observations.{{ counter }} is not null) as {{ counter }}{{ ',' if not loop.last }}
        {% endfor %}
    from observations
    inner join observed_again
        on
            observations.model_key = observed_again.model_key
            and observations.observed_on = observed_again.observed_on
    group by observations.model_key, observations.observed_on
),

daily as (
    select * from once
    union all
    select * from several
)

select * from daily
