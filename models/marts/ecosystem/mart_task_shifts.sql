with

edges as (
    select * from {{ ref('fct_lineage_edges') }}
),

models as (
    select * from {{ ref('dim_models') }}
),

counted as (
    select
        edges.relation,
        coalesce(parents.pipeline_tag, 'none') as parent_task,
        coalesce(children.pipeline_tag, 'none') as child_task,
        count(*) as n_edges,
        cast(coalesce(sum(children.downloads), 0) as bigint) as child_downloads
    from edges
    inner join models as parents
        on edges.parent_model_id = parents.model_id
    inner join models as children
        on edges.child_model_id = children.model_id
    where
        parents.is_observed
        and children.is_observed
    group by edges.relation, coalesce(parents.pipeline_tag, 'none'), coalesce(children.pipeline_tag, 'none')
),

final as (
    select
        relation,
        parent_task,
        child_task,
        parent_task != child_task and parent_task != 'none' and child_task != 'none' as is_shift,
        n_edges,
        cast(n_edges as double) / sum(n_edges) over (partition by relation, parent_task) as share_of_parent,
        child_downloads
    from counted
)

select * from final
