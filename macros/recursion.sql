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
    The text of a CTE `name` over the acyclic CTE `edges` of `so_far` (child_key, parent_key, share): the walks up from
    each model, with their length and the product of the shares along them.
-#}
{% macro walks_up(name, edges, so_far) -%}
    {{ return(adapter.dispatch('walks_up', 'modelkin')(name, edges, so_far)) }}
{%- endmacro %}

{% macro duckdb__walks_up(name, edges, so_far) -%}
{{ name }} as (
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
)
{%- endmacro %}

{#- A walk longer than n is one of n steps, and a shorter one from where that ends: in one way only, so sums are right. -#}
{% macro spark__walks_up(name, edges, so_far) -%}
{{ name }} as (
    {%- if modelkin.makes_stages() %}
    {%- set walks = namespace(table=modelkin.stage(
        name ~ '_1',
        'with ' ~ so_far ~ ' select child_key as model_key, parent_key as ancestor_key, 1 as distance, share as weight from '
        ~ edges
    ), count=0, is_whole=false) -%}
    {%- set walks.count = modelkin.rows_of(walks.table) -%}
    {%- for power in range(1, 40) -%}
        {%- if not walks.is_whole -%}
        {%- set longer = modelkin.stage(
            name ~ '_' ~ 2 ** power,
            'select * from ' ~ walks.table ~ ' union all select below.model_key, above.ancestor_key,'
            ~ ' below.distance + above.distance as distance, sum(below.weight * above.weight) as weight from '
            ~ walks.table ~ ' as below inner join ' ~ walks.table ~ ' as above on below.ancestor_key = above.model_key'
            ~ ' where below.distance = ' ~ 2 ** (power - 1)
            ~ ' group by below.model_key, above.ancestor_key, below.distance + above.distance'
        ) if walks.count else walks.table -%}
        {%- set count = modelkin.rows_of(longer) if walks.count else 0 -%}
        {%- set walks.is_whole = count == walks.count -%}
        {%- set walks.table = longer -%}
        {%- set walks.count = count -%}
        {%- endif -%}
    {%- endfor %}
    select * from {{ walks.table }}
    {%- else %}
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
    {%- endif %}
)
{%- endmacro %}


{#- Whether the model or data test that runs now may make tables: it is no unit test, and not only compiled. -#}
{% macro makes_stages() -%}
    {{ return(execute and flags.WHICH in ('run', 'build', 'test') and model.resource_type in ('model', 'test')) }}
{%- endmacro %}

{#- Make the table of one step of a model from a select, and return its name. -#}
{% macro stage(name, select) -%}
    {%- set table = 'intermediate.' ~ model.name ~ '__step__' ~ name -%}
    {%- do run_query('drop table if exists ' ~ table) -%}
    {%- do run_query('create table ' ~ table ~ ' using parquet as ' ~ select) -%}
    {{ return(table) }}
{%- endmacro %}

{% macro rows_of(table) -%}
    {{ return(run_query('select count(*) from ' ~ table).rows[0][0] | int) }}
{%- endmacro %}

{#- For the hook at the end of a build: drop the tables of all steps. -#}
{% macro drop_stages() -%}
    {{ return(adapter.dispatch('drop_stages', 'modelkin')()) }}
{%- endmacro %}

{% macro default__drop_stages() -%}
{%- endmacro %}

{% macro spark__drop_stages() -%}
    {%- if execute and flags.WHICH in ('run', 'build', 'test') -%}
        {%- for row in run_query("show tables in intermediate like '*__step__*'").rows -%}
            {%- do run_query('drop table intermediate.' ~ row[1]) -%}
        {%- endfor -%}
    {%- endif -%}
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
