select
    model_type,
    count(*) as n_models,
    count(*) filter (where is_observed) as n_observed,
    count(downloads) as n_with_downloads,
    sum(downloads) as downloads,
    median(downloads) as median_downloads
from marts.dim_models
group by model_type
order by n_models desc, model_type
