with

edges as (
    select * from {{ ref('int_lineage_edges_united') }}
),

language_profiles as (
    select * from {{ ref('int_language_profiles') }}
),

models as (
    select * from {{ ref('int_models_summarized') }}
),

profiles as (
    select
        model_hash,
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
        models.downloads
    from edges
    inner join profiles as parents
        on edges.parent_hash = parents.model_hash
    inner join profiles as children
        on edges.child_hash = children.model_hash
    inner join models
        on edges.child_hash = models.model_hash
),

counted as (
    select
        relation,
        parent_language,
        child_language,
        adaptation,
        count(*) as n_edges,
        cast(sum(downloads) as bigint) as child_downloads,
        count(downloads) as n_with_child_downloads
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
        child_downloads,
        n_with_child_downloads
    from counted
)

select * from final
