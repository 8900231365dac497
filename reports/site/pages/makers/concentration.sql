-- How concentrated downloads are over authors, vendors and families.
select
    scope,
    n_holders,
    downloads,
    (select cast(sum(n_with_downloads) as bigint) from marts.dim_authors) as n_with_downloads,
    (select cast(sum(n_observed_models) as bigint) from marts.dim_authors) as n_observed_models,
    share_top_1,
    share_top_10,
    share_top_100,
    gini
from marts.mart_concentration
where downloads > 0
order by case scope when 'author' then 1 when 'vendor' then 2 else 3 end
