-- The known vendors with the most downloads, over all their authors.
select
    vendor,
    min(vendor_type) as vendor_type,
    min(country) as country,
    count(*) as n_authors,
    cast(sum(n_models) as bigint) as n_models,
    cast(sum(n_base_models) as bigint) as n_base_models,
    cast(sum(downloads) as bigint) as downloads,
    cast(sum(n_with_downloads) as bigint) as n_with_downloads,
    min(first_created_at) as first_created_at,
    max(last_created_at) as last_created_at,
    count(*) over () as n_rows
from marts.dim_authors
where vendor is not null
group by vendor
order by downloads desc, n_models desc, vendor
limit 15
