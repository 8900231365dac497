with

edges as (
    select * from {{ ref('int_lineage_edges_united') }}
),

cycle_edges as (
    select * from {{ ref('int_cycle_edges_judged') }}
),

models as (
    select
        {{ model_hash('model_id') }} as model_hash,
        model_id,
        model_type,
        author,
        license,
        is_license_known,
        pipeline_tag,
        is_observed,
        downloads
    from {{ ref('dim_models') }}
),

final as (
    select
        parents.model_id as parent_model_id,
        children.model_id as child_model_id,
        edges.relation,
        edges.is_relation_assumed,
        edges.declared_by,
        cycle_edges.cycle_key is not null as is_in_cycle,
        cycle_edges.broken_because is not null as is_cycle_breaker,
        cycle_edges.broken_because,
        -- The Hub's earliest date stands for all before it, and a lag from or to it is not known.
        case
            when not ({{ is_floored('edges.parent_created_at') }} or {{ is_floored('edges.child_created_at') }})
                then cast({{ dbt.datediff('edges.parent_created_at', 'edges.child_created_at', 'day') }} as bigint)  -- noqa: LT05
        end as lag_days,
        parents.model_type as parent_type,
        parents.author as parent_author,
        parents.license as parent_license,
        parents.is_license_known as is_parent_license_known,
        parents.pipeline_tag as parent_task,
        parents.is_observed as is_parent_observed,
        children.author as child_author,
        children.license as child_license,
        children.is_license_known as is_child_license_known,
        children.pipeline_tag as child_task,
        children.is_observed as is_child_observed,
        children.downloads as child_downloads
    from edges
    inner join models as parents
        on edges.parent_hash = parents.model_hash
    inner join models as children
        on edges.child_hash = children.model_hash
    left join cycle_edges
        on
            edges.parent_hash = cycle_edges.parent_hash
            and edges.child_hash = cycle_edges.child_hash
)

select * from final
