with

models as (
    select * from {{ ref('dim_models') }}
),

counted as (
    select
        coalesce(pipeline_tag, 'none') as task,
        count(*) as n_models,
        count(*) filter (where model_type = 'base') as n_base_models,
        cast(sum(downloads) as bigint) as downloads,
        count(downloads) as n_with_downloads,
        cast(median(downloads) as double) as median_downloads
    from models
    where is_observed
    group by coalesce(pipeline_tag, 'none')
),

final as (
    select
        task,
        n_models,
        cast(n_models as double) / sum(n_models) over () as share_models,
        n_base_models,
        downloads,
        n_with_downloads,
        cast(downloads as double) / nullif(sum(downloads) over (), 0) as share_downloads,
        median_downloads
    from counted
)

select * from final
