with

prompts as (
    select * from {{ ref('stg_overlap__prompts') }}
),

prompt_sets as (
    select
        study_id,
        base_key,
        prompt_set_id,
        max(base_model_id) as base_model_id,
        max(bottom_k) as bottom_k,
        max(loaded_at) as loaded_at,
        max(run_finished_at) as run_finished_at
    from prompts
    group by study_id, base_key, prompt_set_id
),

ranked as (
    select
        *,
        row_number() over (
            partition by study_id, base_key
            order by loaded_at desc, prompt_set_id desc
        ) as recency
    from prompt_sets
),

latest as (
    select * from ranked
    where recency = 1
)

select * from latest
