with

source as (
    select * from {{ source('raw', 'hub_model_cards') }}
),

runs as (
    select * from {{ ref('stg_extract__runs') }}
),

renamed as (
    select
        source.run_id,
        source.model_id,
        lower(source.model_id) as model_key,
        {{ model_hash('source.model_id') }} as model_hash,
        source.sha,
        source.body,
        source.fetched_at
    from source
    inner join runs
        on source.run_id = runs.run_id
    where runs.status = 'complete'
)

select * from renamed
