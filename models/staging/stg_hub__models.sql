with

source as (
    select * from {{ source('raw', 'hub_models') }}
),

runs as (
    select * from {{ ref('stg_extract__runs') }}
),

renamed as (
    select
        source.run_id,
        runs.source as run_source,
        runs.finished_at as run_finished_at,
        source.observed_at,
        source.model_id,
        {{ model_hash('source.model_id') }} as model_hash,
        source.author,
        source.sha,
        source.created_at,
        source.last_modified as last_modified_at,
        source.downloads,
        source.downloads_all_time,
        source.likes,
        source.trending_score,
        source.pipeline_tag,
        source.library_name,
        source.gated,
        source.private as is_private,
        source.disabled as is_disabled,
        source.tags,
        source.base_models,
        source.card_data,
        source.config,
        source.architecture,
        source.parameter_count,
        source.storage_bytes,
        source.siblings,
        source.hub_id,
        source.gguf,
        source.safetensors,
        -- A value that is there was observed, whatever its run says of its column.
        {{ each_state_column("runs.has_@ or source.@ is not null as has_@") }}
    from source
    inner join runs
        on source.run_id = runs.run_id
    where
        runs.status = 'complete'
        and source.model_id != ''
)

select * from renamed
