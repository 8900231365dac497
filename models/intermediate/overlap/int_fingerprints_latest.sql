with

fingerprints as (
    select * from {{ ref('stg_overlap__fingerprints') }}
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
    group by run_id, model_key, prompt_set_id, prompt_index
),

latest as (
    select
        fingerprints.*,
        sets.set_digest,
        sets.set_size,
        sets.set_least,
        sets.set_greatest
    from fingerprints
    inner join ranked
        on
            fingerprints.model_key = ranked.model_key
            and fingerprints.prompt_set_id = ranked.prompt_set_id
            and fingerprints.run_id = ranked.run_id
    left join sets
        on
            fingerprints.run_id = sets.run_id
            and fingerprints.model_key = sets.model_key
            and fingerprints.prompt_set_id = sets.prompt_set_id
            and fingerprints.prompt_index = sets.prompt_index
    where
        ranked.recency = 1
        and (fingerprints.is_measured or ranked.has_measurement = 0)
)

select * from latest
