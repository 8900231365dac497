-- Models and downloads by family of licences.
select
    license_family,
    cast(sum(n_models) as bigint) as n_models,
    sum(share_models) as share_models,
    sum(share_downloads) as share_downloads,
    cast(sum(n_with_downloads) as bigint) as n_with_downloads
from marts.mart_licenses
group by license_family
order by n_models desc, license_family
