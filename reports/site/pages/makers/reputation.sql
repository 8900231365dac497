-- The authors with the highest impact scores, and of how many of their models the downloads are known.
select
    reputation.impact_rank,
    reputation.author,
    reputation.vendor_type,
    reputation.country,
    reputation.n_models,
    reputation.downloads,
    authors.n_with_downloads,
    reputation.likes,
    reputation.n_derived_by_others,
    reputation.n_following_authors,
    reputation.impact_score,
    count(*) over () as n_rows
from marts.mart_reputation as reputation
left join marts.dim_authors as authors
    on reputation.author = authors.author
where reputation.impact_score > 0
order by reputation.impact_rank
limit 15
