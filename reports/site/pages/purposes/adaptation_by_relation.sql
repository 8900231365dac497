-- Edges by relation and by what becomes of the language; shares of the edges of the relation that name both.
with

adaptations (adaptation, adaptation_order) as (
    values
    ('kept', 1),
    ('narrowed', 2),
    ('widened', 3),
    ('switched', 4)
)

select
    edges.relation,
    edges.adaptation,
    adaptations.adaptation_order,
    cast(sum(edges.n_edges) as bigint) as n_edges,
    sum(edges.n_edges) / sum(sum(edges.n_edges)) over (partition by edges.relation) as share
from marts.mart_cross_lingual_adaptation as edges
inner join adaptations
    on edges.adaptation = adaptations.adaptation
group by edges.relation, edges.adaptation, adaptations.adaptation_order
order by edges.relation, adaptations.adaptation_order
