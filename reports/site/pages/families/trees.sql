-- Members of each of the largest families with their parents as declared and by the weights, from the root downwards.
with

largest as (
    select family_id
    from marts.dim_families
    where n_models > 1
    order by n_models desc, downloads_weighted desc nulls last, family_id
    limit 30
),

declared as (
    select
        child_model_id,
        string_agg(parent_model_id, ', ' order by parent_model_id) as parents
    from marts.fct_lineage_edges
    group by child_model_id
)

select
    models.primary_root_id as family_id,
    models.model_id,
    models.depth as declared_depth,
    declared.parents as declared_parents,
    trees.parent_model_id as measured_parent,
    trees.copy_of,
    trees.depth as measured_depth,
    trees.relation,
    trees.is_direction_known,
    trees.confidence,
    count(*) over (partition by models.primary_root_id) as n_rows
from stats.weight_trees as trees
inner join marts.dim_models as models on trees.model_id = models.model_id
inner join largest on models.primary_root_id = largest.family_id
left join declared on models.model_id = declared.child_model_id
qualify
    row_number() over (
        partition by models.primary_root_id order by models.depth, models.downloads desc nulls last, models.model_id
    ) <= 60
order by family_id, trees.depth, trees.parent_model_id nulls first, models.model_id
