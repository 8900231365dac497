with

source as (
    select * from {{ source('raw', 'overlap_prompts') }}
),

runs as (
    select * from {{ ref('stg_extract__runs') }}
),

renamed as (
    select
        source.run_id,
        runs.started_at as loaded_at,
        runs.finished_at as run_finished_at,
        source.prompt_set_id,
        {{ json_text('source.recipe', 'study_id') }} as study_id,
        cast({{ json_text('source.recipe', 'bottom_k') }} as int) as bottom_k,
        source.base_model_id,
        lower(source.base_model_id) as base_key,
        source.base_sha,
        source.prompt_index,
        source.text as prompt_text,
        source.seed,
        cast(source.recipe as string) as recipe
    from source
    inner join runs
        on source.run_id = runs.run_id
    where runs.status = 'complete'
)

select * from renamed
