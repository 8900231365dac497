-- How often a child serves another task than its parent, over edges whose ends both name one; one row.
with

edges as (
    select
        coalesce(sum(n_edges), 0) as n_edges,
        coalesce(sum(n_edges) filter (where parent_task != 'none' and child_task != 'none'), 0) as n_known,
        coalesce(sum(n_edges) filter (where is_shift), 0) as n_shifts
    from marts.mart_task_shifts
)

select
    cast(n_edges as bigint) as n_edges,
    cast(n_known as bigint) as n_known,
    cast(n_edges - n_known as bigint) as n_unknown,
    cast(n_shifts as bigint) as n_shifts,
    n_shifts / nullif(n_known, 0) as share_shifted
from edges
order by n_edges
