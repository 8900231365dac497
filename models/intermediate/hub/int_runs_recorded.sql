with

runs as (
    select * from {{ ref('stg_extract__runs') }}
),

final as (
    select
        run_id,
        source,
        endpoint,
        coalesce(endpoint = 'minihub', false) as is_synthetic,
        params,
        started_at,
        finished_at,
        status,
        row_count as n_rows,
        error as failure_detail,
        code_version,
        library_versions
    from runs
)

select * from final
