-- The techniques that most models name, in a tag or in their name.
select
    technique,
    technique_kind,
    n_models,
    n_tagged,
    n_models - n_tagged as n_in_name_only,
    downloads,
    n_with_downloads,
    median_downloads,
    first_created_at,
    count(*) over () as n_rows
from marts.mart_techniques
order by n_models desc, technique
limit 15
