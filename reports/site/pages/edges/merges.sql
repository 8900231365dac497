-- Merges with the shares of their parents, as solved for from the weights.
select
    recipes.merge_model_id,
    recipes.parent_model_id,
    recipes.weight,
    recipes.method,
    recipes.residual,
    edges.child_model_id is not null as is_declared,
    count(*) over () as n_rows
from stats.merge_recipes as recipes
left join marts.fct_lineage_edges as edges
    on
        recipes.merge_model_id = edges.child_model_id
        and recipes.parent_model_id = edges.parent_model_id
order by recipes.merge_model_id, recipes.weight desc, recipes.parent_model_id
limit 120
