select
    run_id,
    source,
    endpoint,
    is_synthetic,
    params,
    started_at,
    finished_at,
    status,
    n_rows,
    failure_detail,
    code_version,
    library_versions
from marts.fct_extract_runs
order by started_at desc, run_id desc
limit 100
