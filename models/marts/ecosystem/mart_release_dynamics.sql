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

unknown_lags as (
    select
        relation,
        count(*) as n_children
    from edges
    where
        parent_type = 'base'
        and lag_days is null
    group by relation
),

final as (
    select
        lags.relation,
        count(*) as n_bases,
        cast(sum(lags.n_children) as bigint) as n_children,
        cast(median(lags.first_lag_days) as double) as median_first_lag_days,
        {{ exact_mean('lags.first_lag_days') }} as mean_first_lag_days,
        cast(sum(case when lags.first_lag_days <= 7 then 1 else 0 end) as double) / count(*) as share_within_week,
        cast(median(lags.last_lag_days - lags.first_lag_days) as double) as median_lifespan_days,
        cast(coalesce(max(unknown_lags.n_children), 0) as bigint) as n_unknown_lag
    from lags
    left join unknown_lags
        on lags.relation = unknown_lags.relation
    group by lags.relation
)

select * from final
