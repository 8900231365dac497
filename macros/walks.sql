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
