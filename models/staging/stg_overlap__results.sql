with

source as (
    select * from {{ source('raw', 'overlap_results') }}
),

runs as (
    select * from {{ ref('stg_extract__runs') }}
),

renamed as (
    select
        source.run_id,
        runs.started_at as loaded_at,
        source.study_id,
        source.base_model_id,
        lower(source.base_model_id) as base_key,
        {{ model_hash('source.base_model_id') }} as base_hash,
        source.derived_model_id,
        lower(source.derived_model_id) as derived_key,
        {{ model_hash('source.derived_model_id') }} as derived_hash,
        source.base_downloads,
        source.derived_downloads,
        source.declared_relation,
        source.bottom_k,
        source.pair_scores,
        source.avg_overlap_ratio as overlap_ratio,
        source.status = 'ok' as is_measured
    from source
    inner join runs
        on source.run_id = runs.run_id
    where runs.status = 'complete'
)

select * from renamed
