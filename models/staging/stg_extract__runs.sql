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
        {%- for column in state_columns() %}
        coalesce({{ list_has('observed_columns', "'" ~ column ~ "'") }}, false) as has_{{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from source
)

select * from renamed
