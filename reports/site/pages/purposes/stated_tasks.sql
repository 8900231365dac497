-- How many models are filed under a task; one row.
with

most as (
    select
        task,
        n_models
    from marts.mart_tasks
    where task != 'none'
    order by n_models desc, task
    limit 1
)

select
    cast(coalesce(sum(n_models), 0) as bigint) as n_models,
    cast(coalesce(sum(n_models) filter (where task != 'none'), 0) as bigint) as n_stated,
    coalesce(sum(n_models) filter (where task != 'none'), 0) / nullif(sum(n_models), 0) as share_stated,
    count(*) filter (where task != 'none') as n_tasks,
    (select task from most) as most_common,
    (select n_models from most) as n_most_common,
    (select n_models from most) / nullif(sum(n_models) filter (where task != 'none'), 0) as share_most_common
from marts.mart_tasks
order by n_models
