select
    models.model_id,
    models.model_type,
    models.primary_root_id,
    models.downloads,
    models.likes,
    models.license,
    models.last_observed_on,
    coalesce(runs.is_synthetic, false) as is_synthetic
from marts.dim_models as models
left join marts.fct_extract_runs as runs
    on models.run_id = runs.run_id
where models.downloads is not null
order by models.downloads desc, models.model_id
limit 25
