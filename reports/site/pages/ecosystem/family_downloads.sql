-- Which kinds of members carry the downloads of a family; families of at least two models, the most downloaded first.
with

top as (
    select
        family_id,
        is_root_observed,
        n_models,
        max_depth,
        downloads_weighted,
        first_created_at,
        last_created_at,
        count(*) over () as n_rows
    from marts.dim_families
    where n_models > 1
    order by downloads_weighted desc nulls last, n_models desc, family_id
    limit 15
)

select
    top.family_id,
    top.is_root_observed,
    top.n_models,
    top.max_depth,
    top.downloads_weighted,
    cast(sum(parts.n_with_downloads) as bigint) as n_with_downloads,
    max(parts.share_of_family) filter (where parts.model_type = 'base') as share_base,
    max(parts.share_of_family) filter (where parts.model_type = 'finetune') as share_finetunes,
    max(parts.share_of_family) filter (where parts.model_type = 'quantized') as share_quantized,
    max(parts.share_of_family) filter (where parts.model_type = 'adapter') as share_adapters,
    max(parts.share_of_family) filter (where parts.model_type = 'merge') as share_merges,
    top.first_created_at,
    top.last_created_at,
    top.n_rows
from top
left join marts.mart_family_downloads as parts
    on top.family_id = parts.family_id
group by all
order by top.downloads_weighted desc nulls last, top.n_models desc, top.family_id
