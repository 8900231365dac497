-- Models and downloads of the largest families by type of model.
with

largest as (
    select family_id
    from marts.dim_families
    where n_models > 1
    order by n_models desc, downloads_weighted desc nulls last, family_id
    limit 30
)

select
    downloads.family_id,
    downloads.model_type,
    downloads.n_models,
    downloads.n_with_downloads,
    downloads.downloads_weighted,
    downloads.share_of_family,
    downloads.median_downloads
from marts.mart_family_downloads as downloads
inner join largest on downloads.family_id = largest.family_id
order by family_id, n_models desc, model_type
