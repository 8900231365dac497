-- The models that most of the lineage leads back to, by PageRank over the declared edges.
select
    graph.model_id,
    models.model_type,
    graph.pagerank,
    graph.n_children,
    graph.n_descendants,
    models.downloads,
    count(*) over () as n_rows
from stats.model_graph as graph
inner join marts.dim_models as models
    on graph.model_id = models.model_id
where graph.n_children > 0
order by graph.pagerank desc, graph.model_id
limit 15
