-- For how many authors the country is known, and what share of models and downloads that is; one row.
with

known as (
    select
        country,
        sum(downloads) as downloads
    from marts.mart_origins
    where country != 'unknown'
    group by country
),

first_country as (
    select
        country,
        downloads
    from known
    order by downloads desc, country
    limit 1
)

select
    cast(coalesce(sum(origins.n_authors), 0) as bigint) as n_authors,
    cast(coalesce(sum(origins.n_authors) filter (where origins.country != 'unknown'), 0) as bigint) as n_known_authors,
    (select count(*) from known) as n_countries,
    sum(origins.n_models) filter (where origins.country != 'unknown') / sum(origins.n_models) as share_known_models,
    sum(origins.downloads) filter (where origins.country != 'unknown') / nullif(sum(origins.downloads), 0)
        as share_known_downloads,
    cast(coalesce(sum(origins.n_with_downloads), 0) as bigint) as n_with_downloads,
    (select country from first_country) as top_country,
    (select downloads from first_country)
    / nullif(sum(origins.downloads) filter (where origins.country != 'unknown'), 0) as top_share_of_known
from marts.mart_origins as origins
order by n_authors
