{#-
    Recursion over lineage edges. DuckDB removes duplicates, and sums over paths, at each step;
    Spark's recursive queries only append, so there the removal comes at the end.
-#}

{#- The text of a recursive CTE body: every (descendant_key, ancestor_key) that `edges` connect. Ends on cycles too. -#}
{% macro reachable_pairs(name, edges) -%}
    {{ return(adapter.dispatch('reachable_pairs', 'modelkin')(name, edges)) }}
{%- endmacro %}

{% macro duckdb__reachable_pairs(name, edges) -%}
    select
        child_key as descendant_key,
        parent_key as ancestor_key
    from {{ edges }}
    union
    select
        {{ name }}.descendant_key,
        {{ edges }}.parent_key as ancestor_key
    from {{ name }}
    inner join {{ edges }}
        on {{ name }}.ancestor_key = {{ edges }}.child_key
{%- endmacro %}

{#- Spark bounds a recursion by itself; cycles longer than this many edges are not looked for. -#}
{% macro spark__reachable_pairs(name, edges) -%}
    select
        child_key as descendant_key,
        parent_key as ancestor_key,
        1 as steps
    from {{ edges }}
    union all
    select
        {{ name }}.descendant_key,
        {{ edges }}.parent_key as ancestor_key,
        {{ name }}.steps + 1 as steps
    from {{ name }}
    inner join {{ edges }}
        on {{ name }}.ancestor_key = {{ edges }}.child_key
    where {{ name }}.steps < {{ var('spark_longest_cycle') }}
{%- endmacro %}


{#-
    The text of a recursive CTE body over acyclic `edges` (child_key, parent_key, share): the walks up from
    each model, with their length and the product of the shares along them.
-#}
{% macro walks_up(name, edges) -%}
    {{ return(adapter.dispatch('walks_up', 'modelkin')(name, edges)) }}
{%- endmacro %}

{% macro duckdb__walks_up(name, edges) -%}
    select
        child_key as model_key,
        parent_key as ancestor_key,
        1 as distance,
        share as weight
    from {{ edges }}
    union all
    select
        {{ name }}.model_key,
        {{ edges }}.parent_key as ancestor_key,
        {{ name }}.distance + 1 as distance,
        sum({{ name }}.weight * {{ edges }}.share) as weight
    from {{ name }}
    inner join {{ edges }}
        on {{ name }}.ancestor_key = {{ edges }}.child_key
    group by {{ name }}.model_key, {{ edges }}.parent_key, {{ name }}.distance
{%- endmacro %}

{% macro spark__walks_up(name, edges) -%}
    select
        child_key as model_key,
        parent_key as ancestor_key,
        1 as distance,
        share as weight
    from {{ edges }}
    union all
    select
        {{ name }}.model_key,
        {{ edges }}.parent_key as ancestor_key,
        {{ name }}.distance + 1 as distance,
        {{ name }}.weight * {{ edges }}.share as weight
    from {{ name }}
    inner join {{ edges }}
        on {{ name }}.ancestor_key = {{ edges }}.child_key
{%- endmacro %}


{#-
    The text of three CTEs that name the cycle each edge of `edges` lies in: <prefix>_reach, <prefix>_members and
    <prefix>_edges. A cycle is named by its first member's key; an edge lies in it when both its ends do.
-#}
{% macro cycle_ctes(prefix, edges) -%}
{{ prefix }}_reach as (
    {{ reachable_pairs(prefix ~ '_reach', edges) }}
),

{{ prefix }}_members as (
    select
        forth.descendant_key as member_key,
        min(forth.ancestor_key) as cycle_key
    from {{ prefix }}_reach as forth
    inner join {{ prefix }}_reach as back
        on
            forth.descendant_key = back.ancestor_key
            and forth.ancestor_key = back.descendant_key
    group by forth.descendant_key
),

{{ prefix }}_edges as (
    select
        {{ edges }}.*,
        child_members.cycle_key
    from {{ edges }}
    inner join {{ prefix }}_members as child_members
        on {{ edges }}.child_key = child_members.member_key
    inner join {{ prefix }}_members as parent_members
        on
            {{ edges }}.parent_key = parent_members.member_key
            and child_members.cycle_key = parent_members.cycle_key
)
{%- endmacro %}
