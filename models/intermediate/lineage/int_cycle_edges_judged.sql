{#-
    The edges that lie in a cycle, and which of them are left out of roots and ancestors. Three rules in turn,
    each applied to the cycles that the one before left: the parent is younger than its child; the edge leads
    into the member created first (then first by id); the parent comes after the child in that order.
-#}
with recursive

edges as (
    select
        parent_hash,
        child_hash,
        parent_created_at,
        child_created_at
    from {{ ref('int_lineage_edges_united') }}
),

known as (
    select * from {{ ref('int_models_known') }}
),

-- Only a model that is both a parent and a child can lie in a cycle.
parent_hashes as (
    select distinct parent_hash from edges
),

child_hashes as (
    select distinct child_hash from edges
),

inner_edges as (
    select edges.*
    from edges
    inner join child_hashes
        on edges.parent_hash = child_hashes.child_hash
    inner join parent_hashes
        on edges.child_hash = parent_hashes.parent_hash
),

inner_parent_hashes as (
    select distinct parent_hash from inner_edges
),

inner_child_hashes as (
    select distinct child_hash from inner_edges
),

-- The rules go by id, so the few edges that are left are named.
core_edges as (
    select
        lower(parents.model_id) as parent_key,
        lower(children.model_id) as child_key,
        inner_edges.*
    from inner_edges
    inner join inner_child_hashes
        on inner_edges.parent_hash = inner_child_hashes.child_hash
    inner join inner_parent_hashes
        on inner_edges.child_hash = inner_parent_hashes.parent_hash
    inner join known as parents
        on inner_edges.parent_hash = parents.model_hash
    inner join known as children
        on inner_edges.child_hash = children.model_hash
),

{{ cycle_ctes('first', 'core_edges') }},

-- Rule 1.
kept_by_age as (
    select
        parent_key,
        child_key,
        parent_created_at,
        child_created_at
    from first_edges
    where not coalesce(parent_created_at > child_created_at, false)
),

{{ cycle_ctes('second', 'kept_by_age') }},

-- Rule 2.
second_children as (
    select distinct
        child_key,
        child_created_at,
        cycle_key
    from second_edges
),

second_ranked as (
    select
        child_key,
        cycle_key,
        row_number() over (
            partition by cycle_key
            order by child_created_at asc nulls last, child_key asc
        ) as seniority
    from second_children
),

kept_by_root as (
    select
        second_edges.parent_key,
        second_edges.child_key,
        second_edges.parent_created_at,
        second_edges.child_created_at
    from second_edges
    inner join second_ranked
        on second_edges.child_key = second_ranked.child_key
    where second_ranked.seniority > 1
),

{{ cycle_ctes('third', 'kept_by_root') }},

-- Rule 3.
third_broken as (
    select
        parent_key,
        child_key
    from third_edges
    where
        coalesce(parent_created_at > child_created_at, false)
        or (
            not coalesce(parent_created_at < child_created_at, false)
            and (
                (parent_created_at is null and child_created_at is not null)
                or (
                    (parent_created_at is null) = (child_created_at is null)
                    and parent_key > child_key
                )
            )
        )
),

judged as (
    select
        first_edges.parent_hash,
        first_edges.child_hash,
        first_edges.parent_key,
        first_edges.cycle_key,
        case
            when coalesce(first_edges.parent_created_at > first_edges.child_created_at, false) then 'parent_is_younger'
            when second_ranked.seniority = 1 then 'child_is_root'
            when third_broken.child_key is not null then 'parent_comes_later'
        end as broken_because
    from first_edges
    left join second_edges
        on
            first_edges.parent_key = second_edges.parent_key
            and first_edges.child_key = second_edges.child_key
    left join second_ranked
        on second_edges.child_key = second_ranked.child_key
    left join third_broken
        on
            first_edges.parent_key = third_broken.parent_key
            and first_edges.child_key = third_broken.child_key
)

select * from judged
