with

edges as (
    select * from {{ ref('fct_lineage_edges') }}
),

models as (
    select * from {{ ref('dim_models') }}
),

license_families as (
    select * from {{ ref('license_families') }}
),

licenses as (
    select
        models.model_id,
        models.license,
        models.downloads,
        license_families.strictness
    from models
    left join license_families
        on models.license = license_families.license
    where models.is_observed
),

judged as (
    select
        edges.relation,
        coalesce(parents.license, 'none') as parent_license,
        coalesce(children.license, 'none') as child_license,
        case
            when parents.license is null and children.license is null then 'none stated'
            when parents.license is null then 'added'
            when children.license is null then 'dropped'
            when parents.license = children.license then 'kept'
            when parents.strictness < children.strictness then 'tightened'
            when parents.strictness > children.strictness then 'relaxed'
            when parents.strictness = children.strictness then 'switched'
            else 'unknown'
        end as transition,
        children.downloads
    from edges
    inner join licenses as parents
        on edges.parent_model_id = parents.model_id
    inner join licenses as children
        on edges.child_model_id = children.model_id
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
