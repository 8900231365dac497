-- The countries whose companies and institutions made models of the largest families, the eight commonest of each.
with

largest as (
    select family_id
    from marts.dim_families
    where n_models > 1
    order by n_models desc, downloads_weighted desc nulls last, family_id
    limit 30
),

counted as (
    select
        models.primary_root_id as family_id,
        authors.country,
        count(*) as n_models,
        count(distinct models.author) as n_authors
    from marts.dim_models as models
    inner join largest on models.primary_root_id = largest.family_id
    left join marts.dim_authors as authors on models.author = authors.author
    group by models.primary_root_id, authors.country
)

select
    *,
    n_models / sum(n_models) over (partition by family_id) as share
from counted
qualify row_number() over (partition by family_id order by country is null, n_models desc, country) <= 8
order by family_id, country is null, n_models desc, country
