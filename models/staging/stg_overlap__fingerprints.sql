with

source as (
    select * from {{ source('raw', 'fingerprints') }}
),

runs as (
    select * from {{ ref('stg_extract__runs') }}
),

renamed as (
    select
        source.run_id,
        runs.started_at as loaded_at,
        runs.finished_at as run_finished_at,
        source.model_id,
        lower(source.model_id) as model_key,
        {{ model_hash('source.model_id') }} as model_hash,
        source.sha,
        source.prompt_set_id,
        source.prompt_index,
        source.vocab_size,
        source.tokenizer_hash,
        source.dtype,
        source.js_divergence,
        source.weights_format,
        source.weights_digest,
        source.status = 'ok' as is_measured,
        source.failure_reason,
        source.failure_detail
    from source
    inner join runs
        on source.run_id = runs.run_id
    where runs.status = 'complete'
)

select * from renamed
