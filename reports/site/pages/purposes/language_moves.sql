-- The commonest adaptations to another language, over all relations.
select
    edges.parent_language,
    edges.child_language,
    parents.language_name as parent_language_name,
    children.language_name as child_language_name,
    edges.adaptation,
    cast(sum(edges.n_edges) as bigint) as n_edges,
    cast(sum(edges.child_downloads) as bigint) as child_downloads,
    cast(sum(edges.n_with_child_downloads) as bigint) as n_with_child_downloads,
    count(*) over () as n_rows
from marts.mart_cross_lingual_adaptation as edges
left join marts.mart_languages as parents
    on edges.parent_language = parents.language
left join marts.mart_languages as children
    on edges.child_language = children.language
where edges.adaptation != 'kept'
group by all
order by n_edges desc, edges.parent_language, edges.child_language
limit 15
