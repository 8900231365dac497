-- The commonest shifts from a parent's task to another, over all relations.
with

parents as (
    select
        parent_task,
        sum(n_edges) as n_edges
    from marts.mart_task_shifts
    where child_task != 'none'
    group by parent_task
)

select
    shifts.parent_task,
    shifts.child_task,
    cast(sum(shifts.n_edges) as bigint) as n_edges,
    sum(shifts.n_edges) / any_value(parents.n_edges) as share_of_parent,
    cast(sum(shifts.child_downloads) as bigint) as child_downloads,
    cast(sum(shifts.n_with_child_downloads) as bigint) as n_with_child_downloads,
    count(*) over () as n_rows
from marts.mart_task_shifts as shifts
inner join parents
    on shifts.parent_task = parents.parent_task
where shifts.is_shift
group by shifts.parent_task, shifts.child_task
order by n_edges desc, shifts.parent_task, shifts.child_task
limit 15
