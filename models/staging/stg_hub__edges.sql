with

source as (
    select * from {{ source('raw', 'hub_edges') }}
),

runs as (
    select * from {{ ref('stg_extract__runs') }}
),

renamed as (
    select
        source.run_id,
        runs.started_at as loaded_at,
        source.source_model_id as parent_model_id,
        {{ model_hash('source.source_model_id') }} as parent_hash,
        source.target_model_id as child_model_id,
        {{ model_hash('source.target_model_id') }} as child_hash,
        source.relation
    from source
    inner join runs
        on source.run_id = runs.run_id
    where runs.status = 'complete'
)

select * from renamed
