-- Authors, models and downloads by country, shares among those whose country is known; the most models first.
select
    country,
    cast(sum(n_authors) as bigint) as n_authors,
    cast(sum(n_models) as bigint) as n_models,
    cast(sum(n_base_models) as bigint) as n_base_models,
    cast(sum(downloads) as bigint) as downloads,
    cast(sum(n_with_downloads) as bigint) as n_with_downloads,
    sum(n_models) / sum(sum(n_models)) over () as share_models,
    sum(downloads) / nullif(sum(sum(downloads)) over (), 0) as share_downloads,
    count(*) over () as n_rows
from marts.mart_origins
where country != 'unknown'
group by country
order by n_models desc, country
limit 15
