-- The tasks that most models are filed under, and those under none.
select
    task,
    n_models,
    share_models,
    n_base_models,
    downloads,
    n_with_downloads,
    share_downloads,
    median_downloads,
    count(*) over () as n_rows
from marts.mart_tasks
order by n_models desc, task
limit 15
