with

source as (
    select * from {{ source('raw', 'extract_runs') }}
),

renamed as (
    select
        run_id,
        source,
        endpoint,
        cast(params as string) as params,
        started_at,
        finished_at,
        status,
        row_count,
        error,
        code_version,
        cast(library_versions as string) as library_versions,
        {{ each_state_column("coalesce(" ~ list_has("observed_columns", "'@'") ~ ", false) as has_@") }}
    from source
)

select * from renamed
