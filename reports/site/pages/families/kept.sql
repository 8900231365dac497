-- What members of the largest families kept of a base within their family, by study and type of the derived model.
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
    pairs.study_id,
    pairs.base_model_id,
    models.model_type,
    count(*) as n_pairs,
    count(*) filter (where pairs.is_valid) as n_valid,
    avg(pairs.overlap_ratio) as mean_overlap,
    min(pairs.overlap_ratio) as min_overlap,
    max(pairs.overlap_ratio) as max_overlap
from marts.fct_overlaps as pairs
inner join marts.dim_models as models on pairs.derived_model_id = models.model_id
inner join marts.dim_models as bases on pairs.base_model_id = bases.model_id
inner join largest on models.primary_root_id = largest.family_id
where bases.primary_root_id = models.primary_root_id
group by models.primary_root_id, pairs.study_id, pairs.base_model_id, models.model_type
order by family_id, pairs.study_id, pairs.base_model_id, models.model_type
