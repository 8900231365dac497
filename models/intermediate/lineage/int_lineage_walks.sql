{% set edges_kept -%}
edges as (
    select * from {{ ref('int_lineage_edges_united') }}
),

cycle_edges as (
    select * from {{ ref('int_cycle_edges_judged') }}
),

acyclic_edges as (
    select
        edges.child_hash as child_key,
        edges.parent_hash as parent_key
    from edges
    left join cycle_edges
        on
            edges.parent_hash = cycle_edges.parent_hash
            and edges.child_hash = cycle_edges.child_hash
    where cycle_edges.broken_because is null
),

shared_edges as (
    select
        child_key,
        parent_key,
        1.0 / cast(count(*) over (partition by child_key) as double) as share
    from acyclic_edges
)
{%- endset %}

with recursive

{{ edges_kept }},

{{ walks_up('walks', 'shared_edges', edges_kept) }},

child_keys as (
    select distinct child_key from acyclic_edges
),

-- A walk with the whole weight is the only one to its ancestor; only what merges divide comes in several.
ancestors as (
    select
        model_key,
        ancestor_key,
        distance,
        weight
    from walks
    where weight >= 1
    union all
    select
        model_key,
        ancestor_key,
        min(distance) as distance,
        sum(weight) as weight
    from walks
    where weight < 1
    group by model_key, ancestor_key
),

marked as (
    select
        ancestors.model_key as model_hash,
        ancestors.ancestor_key as ancestor_hash,
        ancestors.distance,
        ancestors.weight,
        child_keys.child_key is null as is_root
    from ancestors
    left join child_keys
        on ancestors.ancestor_key = child_keys.child_key
)

select * from marked
