-- How many models state a licence; one row.
with

most as (
    select
        license,
        n_models
    from marts.mart_licenses
    where license != 'none'
    order by n_models desc, license
    limit 1
)

select
    cast(coalesce(sum(n_models), 0) as bigint) as n_models,
    cast(coalesce(sum(n_models) filter (where license != 'none'), 0) as bigint) as n_stated,
    coalesce(sum(n_models) filter (where license != 'none'), 0) / nullif(sum(n_models), 0) as share_stated,
    cast(coalesce(sum(n_models) filter (where license_family = 'other'), 0) as bigint) as n_other,
    count(*) filter (where license != 'none') as n_licences,
    (select license from most) as most_common,
    (select n_models from most) as n_most_common,
    (select n_models from most) / nullif(sum(n_models) filter (where license != 'none'), 0) as share_most_common
from marts.mart_licenses
order by n_models
