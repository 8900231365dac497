-- How many models state a licence, how many state none, and of how many no source says; one row.
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
        count(*) filter (where license not in ('none', 'unknown')) as n_licences
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
    (select n_models from most) / nullif(n_stated, 0) as share_most_common
from counted
order by n_models
