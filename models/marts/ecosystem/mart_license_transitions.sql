with

edges as (
    select * from {{ ref('fct_lineage_edges') }}
),

judged_licenses as (
    select * from {{ ref('int_licenses_judged') }}
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
            when parent_licenses.strictness < child_licenses.strictness then 'tightened'
            when parent_licenses.strictness > child_licenses.strictness then 'relaxed'
            when parent_licenses.strictness = child_licenses.strictness then 'switched'
            else 'unknown'
        end as transition,
        edges.child_downloads as downloads
    from edges
    left join judged_licenses as parent_licenses
        on edges.parent_license = parent_licenses.license
    left join judged_licenses as child_licenses
        on edges.child_license = child_licenses.license
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
        {{ exact_mean('downloads', 3) }} as mean_child_downloads,
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
