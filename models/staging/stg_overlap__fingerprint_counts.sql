with

source as (
    select * from {{ source('raw', 'fingerprint_counts') }}
),

runs as (
    select * from {{ ref('stg_extract__runs') }}
),

renamed as (
    select
        source.run_id,
        source.model_id,
        lower(source.model_id) as model_key,
        source.prompt_set_id,
        source.prompt_index,
        source.set_digest,
        source.set_size,
        source.least_id as set_least,
        source.greatest_id as set_greatest,
        source.base_digest,
        source.bottom_k,
        source.n_shared as n_shared_by_k,
        source.squared_rank_gaps
    from source
    inner join runs
        on source.run_id = runs.run_id
    where runs.status = 'complete'
)

select * from renamed
