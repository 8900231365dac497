-- What is known of how many models, so that every finding can say what is missing; one row.
with

runs as (
    select
        count(*) as n_metadata_runs,
        count(*) filter (where params ->> 'is_partial' = 'true') as n_partial_runs,
        count(*) filter (where params ->> 'scope' = 'all' and params ->> 'is_partial' = 'false') as n_whole_runs
    from marts.fct_extract_runs
    where
        status = 'complete'
        and (source in ('hub', 'dump') or params ->> 'kind' in ('models', 'network'))
),

models as (
    select
        count(*) as n_observed,
        count(models.downloads) as n_with_downloads,
        count(models.created_at) as n_dated,
        count(models.license) as n_licensed,
        count(models.pipeline_tag) as n_with_task,
        count(models.architecture) as n_with_architecture,
        count(models.parameter_count) as n_sized,
        count(*) filter (where runs.is_synthetic) as n_synthetic,
        min(models.last_observed_on) as first_observed_on,
        max(models.last_observed_on) as last_observed_on
    from marts.dim_models as models
    left join marts.fct_extract_runs as runs
        on models.run_id = runs.run_id
    where models.is_observed
)

select
    models.*,
    runs.*,
    (select count(*) from marts.fct_lineage_edges) as n_edges,
    (select count(*) from marts.dim_authors where n_observed_models > 0) as n_authors
from models
cross join runs
order by models.n_observed
