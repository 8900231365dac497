-- The ten most downloaded models of each of the largest families.
with

largest as (
    select family_id
    from marts.dim_families
    where n_models > 1
    order by n_models desc, downloads_weighted desc nulls last, family_id
    limit 30
)

select
    models.primary_root_id as family_id,
    models.model_id,
    models.model_type,
    models.depth,
    models.license,
    models.downloads,
    models.created_at
from marts.dim_models as models
inner join largest on models.primary_root_id = largest.family_id
qualify
    row_number() over (
        partition by models.primary_root_id order by models.downloads desc nulls last, models.depth, models.model_id
    ) <= 10
order by family_id, models.downloads desc nulls last, models.depth, models.model_id
