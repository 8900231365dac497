-- Edges by relation and by what becomes of the licence; shares of the edges of the relation.
with

transitions (transition, transition_order) as (
    values
    ('kept', 1),
    ('switched', 2),
    ('tightened', 3),
    ('relaxed', 4),
    ('unknown', 5),
    ('dropped', 6),
    ('added', 7),
    ('none stated', 8)
)

select
    edges.relation,
    edges.transition,
    transitions.transition_order,
    cast(sum(edges.n_edges) as bigint) as n_edges,
    sum(edges.n_edges) / sum(sum(edges.n_edges)) over (partition by edges.relation) as share
from marts.mart_license_transitions as edges
inner join transitions
    on edges.transition = transitions.transition
group by edges.relation, edges.transition, transitions.transition_order
order by edges.relation, transitions.transition_order
