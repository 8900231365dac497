-- When the data were taken, and whether any of them are synthetic; one row, even without a run.
select
    count(*) as n_runs,
    min(started_at) as first_started_at,
    max(finished_at) as last_finished_at,
    coalesce(bool_or(is_synthetic), false) as has_synthetic,
    coalesce(bool_and(is_synthetic), false) as is_all_synthetic
from marts.fct_extract_runs
where status = 'complete'
order by n_runs
