with

edges as (
    select * from {{ ref('fct_lineage_edges') }}
),

models as (
    select * from {{ ref('dim_models') }}
),

lags as (
    select
        edges.relation,
        edges.parent_model_id,
        min(edges.lag_days) as first_lag_days,
        max(edges.lag_days) as last_lag_days,
        count(*) as n_children
    from edges
    inner join models
        on edges.parent_model_id = models.model_id
    where
        models.model_type = 'base'
        and edges.lag_days >= 0
    group by edges.relation, edges.parent_model_id
),

final as (
    select
        relation,
        count(*) as n_bases,
        cast(sum(n_children) as bigint) as n_children,
        cast(median(first_lag_days) as double) as median_first_lag_days,
        cast(avg(first_lag_days) as double) as mean_first_lag_days,
        cast(sum(case when first_lag_days <= 7 then 1 else 0 end) as double) / count(*) as share_within_week,
        cast(median(last_lag_days - first_lag_days) as double) as median_lifespan_days
    from lags
    group by relation
)

select * from final
