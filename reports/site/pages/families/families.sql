-- Families of at least two models, the largest first.
select
    family_id,
    is_root_observed,
    architecture,
    n_models,
    n_primary_models,
    n_observed_models,
    n_finetunes,
    n_quantized,
    n_adapters,
    n_merges,
    max_depth,
    downloads_weighted,
    (
        select cast(sum(parts.n_with_downloads) as bigint)
        from marts.mart_family_downloads as parts
        where parts.family_id = dim_families.family_id
    ) as n_with_downloads,
    first_created_at,
    last_created_at,
    count(*) over () as n_rows
from marts.dim_families
where n_models > 1
order by n_models desc, downloads_weighted desc nulls last, family_id
limit 300
