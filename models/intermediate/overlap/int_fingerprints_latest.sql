with

fingerprints as (
    select * from {{ ref('stg_overlap__fingerprints') }}
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
)

select * from latest
