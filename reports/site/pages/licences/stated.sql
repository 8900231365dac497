-- How many models state a licence, how many state none, of how many no source says, and how many hold a licence file; one row.
with

most as (
    select
        license,
        n_models
    from marts.mart_licenses
    where license not in ('none', 'unknown')
    order by n_models desc, license
    limit 1
),

counted as (
    select
        coalesce(sum(n_models), 0) as n_models,
        coalesce(sum(n_models) filter (where license = 'unknown'), 0) as n_unknown,
        coalesce(sum(n_models) filter (where license not in ('none', 'unknown')), 0) as n_stated,
        count(*) filter (where license not in ('none', 'unknown')) as n_licences,
        coalesce(sum(n_with_license_file), 0) as n_with_license_file,
        coalesce(sum(n_files_known), 0) as n_files_known
    from marts.mart_licenses
)

select
    cast(n_models - n_unknown as bigint) as n_models,
    cast(n_unknown as bigint) as n_unknown,
    cast(n_stated as bigint) as n_stated,
    n_stated / nullif(n_models - n_unknown, 0) as share_stated,
    n_licences,
    (select license from most) as most_common,
    (select n_models from most) as n_most_common,
    (select n_models from most) / nullif(n_stated, 0) as share_most_common,
    cast(n_with_license_file as bigint) as n_with_license_file,
    cast(n_files_known as bigint) as n_files_known
from counted
order by n_models
