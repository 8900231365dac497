{% set core -%}
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

-- Only a model that is both a parent and a child can lie in a cycle, and so can only an edge between two of them.
inner_edges as (
    select * from edges
    where
        parent_hash in (select others.child_hash from edges as others)
        and child_hash in (select others.parent_hash from edges as others)
),

-- The rules go by id, so the few edges that are left are named.
core_edges as (
    select
        lower(parents.model_id) as parent_key,
        lower(children.model_id) as child_key,
        inner_edges.*
    from inner_edges
    inner join known as parents
        on inner_edges.parent_hash = parents.model_hash
    inner join known as children
        on inner_edges.child_hash = children.model_hash
    where
        inner_edges.parent_hash in (select others.child_hash from inner_edges as others)
        and inner_edges.child_hash in (select others.parent_hash from inner_edges as others)
)
{%- endset %}
{%- set first = cycle_ctes('first', 'core_edges', core) -%}

{% set rule_1 -%}
kept_by_age as (
    select
        parent_key,
        child_key,
        parent_created_at,
        child_created_at
    from first_edges
    where not coalesce(parent_created_at > child_created_at, false)
)
{%- endset %}
{%- set second = cycle_ctes('second', 'kept_by_age', [core, first, rule_1] | join(',\n\n')) -%}

{% set rule_2 -%}
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
)
{%- endset %}
{%- set third = cycle_ctes('third', 'kept_by_root', [core, first, rule_1, second, rule_2] | join(',\n\n')) -%}

with recursive

{{ [core, first, rule_1, second, rule_2, third] | join(',\n\n') }},

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
