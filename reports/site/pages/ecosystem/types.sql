-- Models and downloads by type of model, the most frequent type first.
select
    model_type,
    n_models,
    share_models,
    downloads,
    n_with_downloads,
    share_downloads,
    median_downloads,
    likes,
    sum(n_models) over () as n_all_models,
    sum(downloads) over () as all_downloads,
    max(downloads) over () as most_downloads,
    max(share_downloads) over () as most_share_downloads,
    first_value(model_type) over (order by downloads desc, model_type) as most_downloaded_type,
    cast(coalesce(sum(n_with_downloads) over (), 0) as bigint) as n_all_with_downloads
from marts.mart_model_types
order by n_models desc, model_type
