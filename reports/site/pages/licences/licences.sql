-- The licences that most models state, and those that state none.
select
    license,
    license_family,
    is_commercial_use_allowed,
    n_models,
    share_models,
    n_base_models,
    downloads,
    n_with_downloads,
    share_downloads,
    median_downloads,
    median_likes,
    count(*) over () as n_rows
from marts.mart_licenses
order by n_models desc, license
limit 15
