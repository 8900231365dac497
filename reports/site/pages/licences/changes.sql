-- The commonest changes of licence from parent to child, over all relations.
with

parents as (
    select
        parent_license,
        sum(n_edges) as n_edges
    from marts.mart_license_transitions
    group by parent_license
)

select
    edges.parent_license,
    edges.child_license,
    edges.transition,
    cast(sum(edges.n_edges) as bigint) as n_edges,
    sum(edges.n_edges) / any_value(parents.n_edges) as share_of_parent,
    count(*) over () as n_rows
from marts.mart_license_transitions as edges
inner join parents
    on edges.parent_license = parents.parent_license
where edges.transition not in ('kept', 'none stated')
group by edges.parent_license, edges.child_license, edges.transition
order by n_edges desc, edges.parent_license, edges.child_license
limit 15
