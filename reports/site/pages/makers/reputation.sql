-- The authors with the highest impact scores.
select
    impact_rank,
    author,
    vendor_type,
    country,
    n_models,
    downloads,
    likes,
    n_derived_by_others,
    n_following_authors,
    impact_score,
    count(*) over () as n_rows
from marts.mart_reputation
where impact_score > 0
order by impact_rank
limit 15
