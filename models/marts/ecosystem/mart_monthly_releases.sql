with

models as (
    select * from {{ ref('dim_models') }}
),

final as (
    select
        cast({{ dbt.date_trunc('month', 'created_at') }} as date) as created_in_month,
        model_type,
        count(*) as n_models,
        count(distinct author) as n_authors,
        cast(sum(downloads) as bigint) as downloads,
        count(downloads) as n_with_downloads
    from models
    where created_at is not null
    group by cast({{ dbt.date_trunc('month', 'created_at') }} as date), model_type
)

select * from final
