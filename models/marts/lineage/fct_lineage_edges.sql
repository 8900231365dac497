with

edges as (
    select * from {{ ref('int_lineage_edges_united') }}
),

known as (
    select * from {{ ref('int_models_known') }}
),

cycle_edges as (
    select * from {{ ref('int_cycle_edges_judged') }}
),

final as (
    select
        parent_models.model_id as parent_model_id,
        child_models.model_id as child_model_id,
        edges.relation,
        edges.is_relation_assumed,
        edges.declared_by,
        cycle_edges.cycle_key is not null as is_in_cycle,
        cycle_edges.broken_because is not null as is_cycle_breaker,
        cycle_edges.broken_because,
        {{ dbt.datediff('edges.parent_created_at', 'edges.child_created_at', 'day') }} as lag_days  -- noqa: LT05
    from edges
    inner join known as parent_models
        on edges.parent_key = parent_models.model_key
    inner join known as child_models
        on edges.child_key = child_models.model_key
    left join cycle_edges
        on
            edges.parent_key = cycle_edges.parent_key
            and edges.child_key = cycle_edges.child_key
)

select * from final
