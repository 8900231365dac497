{{ config(
    materialized=incremental_or_table(),
    unique_key='model_hash',
    incremental_strategy='delete+insert',
    on_schema_change='fail',
    tags=['daily']
) }}

with

daily as (
    select * from {{ ref('int_observations_daily') }}
    {% if is_incremental() %}
        where run_finished_at > {{ last_run_held() }}
    {% endif %}
),

observations as (
    select
        model_hash,
        observed_on,
        observed_on as first_observed_on,
        downloads,
        likes,
        run_finished_at
    from daily
    {% if is_incremental() %}
        union all
        select
            held.model_hash,
            held.last_observed_on as observed_on,
            held.first_observed_on,
            held.downloads,
            held.likes,
            held.run_finished_at
        from {{ this }} as held
        where held.model_hash in (select daily.model_hash from daily)
    {% endif %}
),

{{ once_and_several_ctes('observations', ['model_hash']) }},

latest as (
    select
        model_hash,
        downloads,
        likes,
        first_observed_on,
        observed_on as last_observed_on,
        run_finished_at
    from once
    union all
    select
        model_hash,
        {{ newest('downloads', 'observed_on', 'run_finished_at') }} as downloads,
        {{ newest('likes', 'observed_on', 'run_finished_at') }} as likes,
        min(first_observed_on) as first_observed_on,
        max(observed_on) as last_observed_on,
        max(run_finished_at) as run_finished_at
    from several
    group by model_hash
)

select * from latest
