-- How many models state a licence, of those that a source said it of; one row.
with

most as (
    select
        license,
        n_models
    from marts.mart_licenses
    where license not in ('none', 'unknown')
    order by n_models desc, license
    limit 1
)

select
    cast(coalesce(sum(n_models) filter (where license != 'unknown'), 0) as bigint) as n_models,
    cast(coalesce(sum(n_models) filter (where license = 'unknown'), 0) as bigint) as n_unknown,
    cast(coalesce(sum(n_models) filter (where license not in ('none', 'unknown')), 0) as bigint) as n_stated,
    coalesce(sum(n_models) filter (where license not in ('none', 'unknown')), 0)
    / nullif(sum(n_models) filter (where license != 'unknown'), 0) as share_stated,
    cast(coalesce(sum(n_models) filter (where license_family = 'other'), 0) as bigint) as n_other,
    count(*) filter (where license not in ('none', 'unknown')) as n_licences,
    (select license from most) as most_common,
    (select n_models from most) as n_most_common,
    (select n_models from most) / nullif(sum(n_models) filter (where license not in ('none', 'unknown')), 0) as share_most_common,
    cast(coalesce(sum(n_with_license_file), 0) as bigint) as n_with_license_file,
    cast(coalesce(sum(n_files_known), 0) as bigint) as n_files_known
from marts.mart_licenses
order by n_models
