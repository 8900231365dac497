{#-
    Recursion over lineage edges. DuckDB removes duplicates, and sums over paths, at each step. Spark does neither, stops
    after 100 steps, and works out a CTE once for each place that reads it; there every step is a table of its own that
    doubles how far was walked, so that a chain of 200 takes eight. Unit tests have no tables to make: their few rows
    are walked by Spark's own recursion.
-#}

{#- The text of a CTE `name`: every (descendant_key, ancestor_key) that the CTE `edges` of `so_far` connects. Ends on cycles too. -#}
{% macro reachable_pairs(name, edges, so_far) -%}
    {{ return(adapter.dispatch('reachable_pairs', 'modelkin')(name, edges, so_far)) }}
{%- endmacro %}

{% macro duckdb__reachable_pairs(name, edges, so_far) -%}
{{ name }} as (
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
)
{%- endmacro %}

{% macro spark__reachable_pairs(name, edges, so_far) -%}
{{ name }} as (
    {%- if modelkin.makes_stages() %}
    {%- set pairs = namespace(table=modelkin.stage(
        name ~ '_1',
        'with ' ~ so_far ~ ' select distinct child_key as descendant_key, parent_key as ancestor_key from ' ~ edges
    ), count=0, is_whole=false) -%}
    {%- set pairs.count = modelkin.rows_of(pairs.table) -%}
    {%- for power in range(2, 40) -%}
        {%- if not pairs.is_whole -%}
        {%- set longer = modelkin.stage(
            name ~ '_' ~ power,
            'select descendant_key, ancestor_key from ' ~ pairs.table
            ~ ' union select below.descendant_key, above.ancestor_key from ' ~ pairs.table ~ ' as below inner join '
            ~ pairs.table ~ ' as above on below.ancestor_key = above.descendant_key'
        ) if pairs.count else pairs.table -%}
        {%- set count = modelkin.rows_of(longer) if pairs.count else 0 -%}
        {%- set pairs.is_whole = count == pairs.count -%}
        {%- set pairs.table = longer -%}
        {%- set pairs.count = count -%}
        {%- endif -%}
    {%- endfor %}
    select * from {{ pairs.table }}
    {%- else %}
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
    where {{ name }}.steps < 8
    {%- endif %}
)
{%- endmacro %}


{#-
    The text of three CTEs that name the cycle each edge of the CTE `edges` of `so_far` lies in: <prefix>_reach,
    <prefix>_members and <prefix>_edges. A cycle is named by its first member's key; an edge lies in it when both its ends do.
-#}
{% macro cycle_ctes(prefix, edges, so_far) -%}
{{ modelkin.reachable_pairs(prefix ~ '_reach', edges, so_far) }},

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
