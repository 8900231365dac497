with

licenses as (
    select * from {{ ref('mart_licenses') }}
),

models as (
    select * from {{ ref('dim_models') }}
),

edges as (
    select * from {{ ref('fct_lineage_edges') }}
),

children as (
    select
        parent_model_id,
        count(*) as n_children
    from edges
    group by parent_model_id
),

adopted as (
    select
        licenses.license_family,
        models.model_id,
        models.downloads,
        models.likes,
        coalesce(children.n_children, 0) as n_children
    from models
    inner join licenses
        on {{ stated_license('models.license', 'models.is_license_known') }} = licenses.license
    left join children
        on models.model_id = children.parent_model_id
    where
        models.is_observed
        and models.model_type = 'base'
),

final as (
    select
        license_family,
        count(*) as n_base_models,
        {{ exact_mean('ln(1 + downloads)') }} as mean_log_downloads,
        cast(median(downloads) as double) as median_downloads,
        cast(median(likes) as double) as median_likes,
        {{ exact_mean('n_children', 3) }} as mean_children,
        cast(sum(case when n_children > 0 then 1 else 0 end) as double) / count(*) as share_with_children
    from adopted
    group by license_family
)

select * from final
