with

edges as (
    select * from {{ ref('fct_lineage_edges') }}
),

counted as (
    select
        relation,
        coalesce(parent_task, 'none') as parent_task,
        coalesce(child_task, 'none') as child_task,
        count(*) as n_edges,
        cast(sum(child_downloads) as bigint) as child_downloads,
        count(child_downloads) as n_with_child_downloads
    from edges
    where
        is_parent_observed
        and is_child_observed
    group by relation, coalesce(parent_task, 'none'), coalesce(child_task, 'none')
),

final as (
    select
        relation,
        parent_task,
        child_task,
        parent_task != child_task and parent_task != 'none' and child_task != 'none' as is_shift,
        n_edges,
        cast(n_edges as double) / sum(n_edges) over (partition by relation, parent_task) as share_of_parent,
        child_downloads,
        n_with_child_downloads
    from counted
)

select * from final
