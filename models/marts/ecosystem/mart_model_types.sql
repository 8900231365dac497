with

models as (
    select * from {{ ref('dim_models') }}
),

typed as (
    select
        model_type,
        count(*) as n_models,
        cast(sum(downloads) as bigint) as downloads,
        count(downloads) as n_with_downloads,
        cast(median(downloads) as double) as median_downloads,
        cast(sum(likes) as bigint) as likes,
        count(likes) as n_with_likes
    from models
    group by model_type
),

final as (
    select
        model_type,
        n_models,
        cast(n_models as double) / sum(n_models) over () as share_models,
        downloads,
        n_with_downloads,
        cast(downloads as double) / nullif(sum(downloads) over (), 0) as share_downloads,
        median_downloads,
        likes,
        n_with_likes
    from typed
)

select * from final
