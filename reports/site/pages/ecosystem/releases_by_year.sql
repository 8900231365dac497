-- Models made in each year, by type; the last 15 years.
select
    cast(date_part('year', created_in_month) as integer) as created_in_year,
    cast(sum(n_models) as bigint) as n_models,
    cast(coalesce(sum(n_models) filter (where model_type = 'base'), 0) as bigint) as n_base,
    cast(coalesce(sum(n_models) filter (where model_type = 'finetune'), 0) as bigint) as n_finetunes,
    cast(coalesce(sum(n_models) filter (where model_type = 'quantized'), 0) as bigint) as n_quantized,
    cast(coalesce(sum(n_models) filter (where model_type = 'adapter'), 0) as bigint) as n_adapters,
    cast(coalesce(sum(n_models) filter (where model_type = 'merge'), 0) as bigint) as n_merges,
    cast(sum(downloads) as bigint) as downloads,
    cast(sum(n_with_downloads) as bigint) as n_with_downloads,
    count(*) over () as n_rows
from marts.mart_monthly_releases
where n_models > 0
group by created_in_year
order by created_in_year desc
limit 15
