with

runs as (
    select * from {{ ref('int_runs_recorded') }}
)

select * from runs
