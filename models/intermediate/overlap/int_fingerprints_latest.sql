{{ config(
    materialized=incremental_or_table(),
    unique_key=['model_key', 'prompt_set_id'],
    incremental_strategy='delete+insert',
    on_schema_change='fail',
    meta={'columns_added': ['run_finished_at']}
) }}

with

all_fingerprints as (
    select * from {{ ref('stg_overlap__fingerprints') }}
),

-- The models and prompt sets that a new run attempted; all of them in a build from scratch.
attempted as (
    select distinct
        model_key,
        prompt_set_id
    from all_fingerprints
    {% if is_incremental() %}
        where run_finished_at > {{ last_run_held() }}
    {% endif %}
),

fingerprints as (
    select all_fingerprints.*
    from all_fingerprints
    inner join attempted
        on
            all_fingerprints.model_key = attempted.model_key
            and all_fingerprints.prompt_set_id = attempted.prompt_set_id
),

counts as (
    select * from {{ ref('stg_overlap__fingerprint_counts') }}
),

attempts as (
    select
        model_key,
        prompt_set_id,
        run_id,
        max(case when is_measured then 1 else 0 end) as has_measurement,
        max(loaded_at) as loaded_at
    from fingerprints
    group by model_key, prompt_set_id, run_id
),

ranked as (
    select
        model_key,
        prompt_set_id,
        run_id,
        has_measurement,
        row_number() over (
            partition by model_key, prompt_set_id
            order by has_measurement desc, loaded_at desc, run_id desc
        ) as recency
    from attempts
),

latest as (
    select fingerprints.*
    from fingerprints
    inner join ranked
        on
            fingerprints.model_key = ranked.model_key
            and fingerprints.prompt_set_id = ranked.prompt_set_id
            and fingerprints.run_id = ranked.run_id
    where
        ranked.recency = 1
        and (fingerprints.is_measured or ranked.has_measurement = 0)
),

-- A set has several rows where its base answered its own prompts in several ways.
sets as (
    select
        run_id,
        model_key,
        prompt_set_id,
        prompt_index,
        max(set_digest) as set_digest,
        max(set_size) as set_size,
        max(set_least) as set_least,
        max(set_greatest) as set_greatest
    from counts
    where model_key in (select attempted.model_key from attempted)
    group by run_id, model_key, prompt_set_id, prompt_index
),

described as (
    select
        latest.*,
        sets.set_digest,
        sets.set_size,
        sets.set_least,
        sets.set_greatest
    from latest
    left join sets
        on
            latest.run_id = sets.run_id
            and latest.model_key = sets.model_key
            and latest.prompt_set_id = sets.prompt_set_id
            and latest.prompt_index = sets.prompt_index
)

select * from described
