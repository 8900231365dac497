with

edges as (
    select * from {{ ref('fct_lineage_edges') }}
),

language_profiles as (
    select * from {{ ref('int_language_profiles') }}
),

profiles as (
    select
        model_id,
        case
            when is_multilingual or first_language = 'multilingual' then 'multilingual'
            else first_language
        end as profile
    from language_profiles
),

adapted as (
    select
        edges.relation,
        parents.profile as parent_language,
        children.profile as child_language,
        case
            when parents.profile = children.profile then 'kept'
            when parents.profile = 'multilingual' then 'narrowed'
            when children.profile = 'multilingual' then 'widened'
            else 'switched'
        end as adaptation,
        edges.child_downloads as downloads
    from edges
    inner join profiles as parents
        on edges.parent_model_id = parents.model_id
    inner join profiles as children
        on edges.child_model_id = children.model_id
),

counted as (
    select
        relation,
        parent_language,
        child_language,
        adaptation,
        count(*) as n_edges,
        cast(coalesce(sum(downloads), 0) as bigint) as child_downloads
    from adapted
    group by relation, parent_language, child_language, adaptation
),

final as (
    select
        relation,
        parent_language,
        child_language,
        adaptation,
        n_edges,
        cast(n_edges as double) / sum(n_edges) over (partition by relation, parent_language) as share_of_parent,
        child_downloads
    from counted
)

select * from final
