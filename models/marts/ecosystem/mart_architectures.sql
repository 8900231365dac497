with

models as (
    select * from {{ ref('dim_models') }}
),

dated as (
    select
        architecture,
        case
            when not is_created_at_floored then cast({{ dbt.date_trunc('quarter', 'created_at') }} as date)
        end as created_in_quarter,
        is_created_at_floored,
        is_architecture_inferred,
        parameter_count,
        downloads
    from models
    where
        architecture is not null
        and is_observed
),

final as (
    select
        architecture,
        coalesce(created_in_quarter, cast('1970-01-01' as date)) as created_in_quarter,
        count(*) as n_models,
        count(*) filter (where is_architecture_inferred) as n_inferred,
        count(parameter_count) as n_sized,
        cast(median(parameter_count) as double) as median_params,
        max(parameter_count) as max_params,
        cast(sum(downloads) as bigint) as downloads,
        count(downloads) as n_with_downloads,
        count(*) filter (where is_created_at_floored) as n_floored
    from dated
    group by architecture, coalesce(created_in_quarter, cast('1970-01-01' as date))
)

select * from final
