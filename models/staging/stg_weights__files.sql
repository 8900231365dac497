with

source as (
    select * from {{ source('raw', 'weight_files') }}
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
        source.file_name,
        source.file_format,
        source.size_bytes,
        source.file_digest,
        source.tensor_count as n_tensors,
        source.header,
        source.bytes_read as n_bytes_read,
        source.seconds as read_seconds,
        source.status = 'ok' as is_read,
        source.failure_reason,
        source.failure_detail
    from source
    inner join runs
        on source.run_id = runs.run_id
    where runs.status = 'complete'
)

select * from renamed
