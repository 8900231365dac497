-- Edges from tags, roots with their weights and depths, and totals by family, over one Parquet dump in the variable
-- `dump`. The same analysis as bench/lineage_networkx.py, to the last family; `families` is the result.

create temp table models as
select
    file_row_number as number,
    lower(id) as model_key,
    createdAt as created_at,
    downloads
from read_parquet(getvariable('dump'), file_row_number = true);

create temp table declared as
select distinct
    child,
    lower(regexp_replace(tag, '^base_model:((finetune|quantized|adapter|merge):)?', '')) as parent_key
from (
    select
        file_row_number as child,
        unnest(list_filter(tags, lambda tag : starts_with(tag, 'base_model:'))) as tag
    from read_parquet(getvariable('dump'), file_row_number = true)
)
where regexp_full_match(tag, 'base_model:((finetune|quantized|adapter|merge):)?[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)?');

-- A parent that the dump does not list is numbered below zero.
create temp table keys as
select
    parent_key as model_key,
    coalesce(models.number, -row_number() over ()) as number
from (select distinct parent_key from declared) as parents
left join models
    on parents.parent_key = models.model_key;

create temp table edges as
select
    declared.child,
    keys.number as parent
from declared
inner join keys
    on declared.parent_key = keys.model_key
where declared.child != keys.number;

drop table declared;

-- Edges that could turn: what is left when those from a root, and those to a model without children, are taken off.
create temp table core as
with

inner_edges as (
    select * from edges
    where parent in (select child from edges) and child in (select parent from edges)
)

select * from inner_edges
where parent in (select child from inner_edges) and child in (select parent from inner_edges);

create temp table turning as
with recursive reach as (
    select child as descendant, parent as ancestor from core
    union
    select reach.descendant, core.parent as ancestor
    from reach
    inner join core
        on reach.ancestor = core.child
)

select core.child, core.parent
from core
inner join reach
    on core.parent = reach.descendant and core.child = reach.ancestor;

-- In a cycle, an edge stays where the parent was created before the child, then where it is first by id.
create temp table kept as
select
    edges.child,
    edges.parent,
    1.0 / cast(count(*) over (partition by edges.child) as double) as share
from edges
left join turning
    on edges.child = turning.child and edges.parent = turning.parent
left join models as children
    on turning.child = children.number
left join models as parents
    on turning.parent = parents.number
where
    turning.child is null
    or parents.created_at < children.created_at
    or (parents.created_at = children.created_at and parents.model_key < children.model_key);

create temp table roots as
with recursive

walks as (
    select child as model, parent as ancestor, 1 as distance, share as weight from kept
    union all
    select walks.model, kept.parent as ancestor, walks.distance + 1 as distance, sum(walks.weight * kept.share) as weight
    from walks
    inner join kept
        on walks.ancestor = kept.child
    group by walks.model, kept.parent, walks.distance
)

select model, ancestor as root, min(distance) as depth, sum(weight) as weight
from walks
where ancestor not in (select child from kept)
group by model, ancestor
union all
select number, number, 0, 1.0 from models where number not in (select child from kept)
union all
select number, number, 0, 1.0 from keys where number < 0;

create temp table families as
select
    roots.root,
    count(*) as n_models,
    coalesce(sum(models.downloads * roots.weight), 0) as downloads,
    max(roots.depth) as max_depth
from roots
left join models
    on roots.model = models.number
group by roots.root;
