-- The datasets that reach farthest: the models that name one, and those that descend from such a model.
select
    dataset,
    n_models,
    downloads,
    n_with_downloads,
    n_downstream_models,
    downstream_downloads,
    n_with_downstream_downloads,
    n_models + n_downstream_models as n_reached,
    first_used_at,
    count(*) over () as n_rows
from marts.mart_datasets
order by n_reached desc, n_models desc, dataset
limit 15
