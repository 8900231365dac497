-- Models whose weight files are the same bytes, the largest groups first.
select
    first_model_id,
    model_id,
    n_models,
    created_at,
    is_first_created,
    downloads,
    is_declared,
    count(*) over () as n_rows
from marts.mart_identical_weights
order by n_models desc, first_model_id, group_place
limit 60
