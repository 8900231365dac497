with

source as (
    select * from {{ source('raw', 'weight_sketches') }}
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
        source.tensor_name,
        source.stored_name,
        source.tensor_role,
        source.layer_index,
        source.dtype,
        source.shape,
        source.block_offset,
        source.block_shape,
        source.block_digest,
        source.is_dequantized,
        source.is_probe
    from source
    inner join runs
        on source.run_id = runs.run_id
    where runs.status = 'complete'
)

select * from renamed
