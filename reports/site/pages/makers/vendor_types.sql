-- Authors, models and downloads by type of vendor, unknown among them.
select
    vendor_type,
    cast(sum(n_authors) as bigint) as n_authors,
    cast(sum(n_models) as bigint) as n_models,
    cast(sum(n_base_models) as bigint) as n_base_models,
    cast(sum(downloads) as bigint) as downloads,
    cast(sum(n_with_downloads) as bigint) as n_with_downloads,
    sum(downloads) / nullif(sum(sum(downloads)) over (), 0) as share_downloads
from marts.mart_origins
group by vendor_type
order by n_models desc, vendor_type
