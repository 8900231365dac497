with

edges as (
    select * from {{ ref('fct_lineage_edges') }}
),

lags as (
    select
        relation,
        parent_model_id,
        min(lag_days) as first_lag_days,
        max(lag_days) as last_lag_days,
        count(*) as n_children
    from edges
    where
        parent_type = 'base'
        and lag_days >= 0
    group by relation, parent_model_id
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
