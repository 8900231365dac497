-- Models whose weights are equal to those of another one, the most downloaded first.
select
    trees.copy_of,
    trees.model_id,
    models.author,
    models.downloads,
    count(*) over () as n_rows
from stats.weight_trees as trees
inner join marts.dim_models as models
    on trees.model_id = models.model_id
where trees.copy_of is not null
order by models.downloads desc nulls last, trees.copy_of, trees.model_id
limit 60
