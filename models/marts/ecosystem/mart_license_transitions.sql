with

edges as (
    select * from {{ ref('fct_lineage_edges') }}
),

license_families as (
    select * from {{ ref('license_families') }}
),

judged as (
    select
        edges.relation,
        {{ stated_license('edges.parent_license', 'edges.is_parent_license_known') }} as parent_license,
        {{ stated_license('edges.child_license', 'edges.is_child_license_known') }} as child_license,
        case
            when not (edges.is_parent_license_known and edges.is_child_license_known) then 'unknown'
            when edges.parent_license is null and edges.child_license is null then 'none stated'
            when edges.parent_license is null then 'added'
            when edges.child_license is null then 'dropped'
            when edges.parent_license = edges.child_license then 'kept'
            when parent_families.strictness < child_families.strictness then 'tightened'
            when parent_families.strictness > child_families.strictness then 'relaxed'
            when parent_families.strictness = child_families.strictness then 'switched'
            else 'unknown'
        end as transition,
        edges.child_downloads as downloads
    from edges
    left join license_families as parent_families
        on edges.parent_license = parent_families.license
    left join license_families as child_families
        on edges.child_license = child_families.license
    where
        edges.is_parent_observed
        and edges.is_child_observed
),

counted as (
    select
        relation,
        parent_license,
        child_license,
        transition,
        count(*) as n_edges,
        cast(avg(downloads) as double) as mean_child_downloads,
        cast(median(downloads) as double) as median_child_downloads
    from judged
    group by relation, parent_license, child_license, transition
),

final as (
    select
        relation,
        parent_license,
        child_license,
        transition,
        n_edges,
        cast(n_edges as double) / sum(n_edges) over (partition by relation, parent_license) as share_of_parent,
        mean_child_downloads,
        median_child_downloads
    from counted
)

select * from final
