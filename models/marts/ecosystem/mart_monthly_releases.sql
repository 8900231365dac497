with

models as (
    select * from {{ ref('dim_models') }}
),

dated as (
    select
        cast({{ dbt.date_trunc('month', 'created_at') }} as date) as created_in_month,
        model_type,
        is_created_at_floored,
        case when not is_created_at_floored then author end as author,
        case when not is_created_at_floored then downloads end as downloads
    from models
    where created_at is not null
),

final as (
    select
        created_in_month,
        model_type,
        count(*) filter (where not is_created_at_floored) as n_models,
        count(distinct author) as n_authors,
        cast(sum(downloads) as bigint) as downloads,
        count(downloads) as n_with_downloads,
        count(*) filter (where is_created_at_floored) as n_floored
    from dated
    group by created_in_month, model_type
)

select * from final
