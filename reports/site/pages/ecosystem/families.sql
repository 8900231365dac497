-- How many families there are and how large; one row. A merge counts in its primary family alone.
select
    count(*) as n_families,
    count(*) filter (where n_models > 1) as n_families_of_several,
    cast(coalesce(sum(n_primary_models), 0) as bigint) as n_models,
    max(n_primary_models) as n_in_largest,
    max(n_primary_models) / sum(n_primary_models) as share_in_largest,
    cast(list_sum(max(n_primary_models, 10)) as bigint) as n_in_largest_10,
    list_sum(max(n_primary_models, 10)) / sum(n_primary_models) as share_in_largest_10,
    (
        select largest.family_id
        from marts.dim_families as largest
        order by largest.n_primary_models desc, largest.family_id
        limit 1
    ) as largest_family_id
from marts.dim_families
order by n_families
