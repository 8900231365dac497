with

models as (
    select * from {{ ref('dim_models') }}
),

typed as (
    select
        model_type,
        count(*) as n_models,
        cast(coalesce(sum(downloads), 0) as bigint) as downloads,
        cast(median(downloads) as double) as median_downloads,
        cast(coalesce(sum(likes), 0) as bigint) as likes
    from models
    group by model_type
),

final as (
    select
        model_type,
        n_models,
        cast(n_models as double) / sum(n_models) over () as share_models,
        downloads,
        cast(downloads as double) / nullif(sum(downloads) over (), 0) as share_downloads,
        median_downloads,
        likes
    from typed
)

select * from final
