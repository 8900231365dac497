with

source as (
    select * from {{ source('raw', 'import_conflicts') }}
),

runs as (
    select * from {{ ref('stg_extract__runs') }}
),

renamed as (
    select
        source.run_id,
        source.raw_table,
        source.model_id,
        source.other_model_id,
        source.column_name,
        source.kept_value,
        source.refused_value,
        source.file_name,
        source.line_number
    from source
    inner join runs
        on source.run_id = runs.run_id
    where runs.status = 'complete'
)

select * from renamed
