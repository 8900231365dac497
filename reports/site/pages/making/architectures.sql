-- The commonest architectures, over all quarters.
select
    architecture,
    cast(sum(n_models) as bigint) as n_models,
    sum(n_models) / sum(sum(n_models)) over () as share_models,
    cast(sum(n_inferred) as bigint) as n_inferred,
    cast(sum(n_sized) as bigint) as n_sized,
    max(max_params) as max_params,
    cast(sum(downloads) as bigint) as downloads,
    cast(sum(n_with_downloads) as bigint) as n_with_downloads,
    min(nullif(created_in_quarter, date '1970-01-01')) as first_quarter,
    cast(sum(sum(n_models)) over () as bigint) as n_all_models,
    cast(sum(sum(n_inferred)) over () as bigint) as n_all_inferred,
    count(*) over () as n_rows
from marts.mart_architectures
group by architecture
order by n_models desc, architecture
limit 15
