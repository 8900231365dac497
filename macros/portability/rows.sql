{#- Rows made of lists and of ranges of numbers. -#}

{#-
    One row per member of a list, as an item of a select list; a null or empty list gives no row. A lateral join gives
    the same rows, but DuckDB then joins its result back to the input, at eight times the cost.
-#}
{% macro unnested(list) -%}
    {{ return(adapter.dispatch('unnested', 'modelkin')(list)) }}
{%- endmacro %}

{% macro duckdb__unnested(list) -%}
    unnest({{ list }})
{%- endmacro %}

{% macro spark__unnested(list) -%}
    explode({{ list }})
{%- endmacro %}


{#- One row per member of a list, with its place counted from 0, as two columns of a select list. -#}
{% macro unnested_with_place(list, member, place) -%}
    {{ return(adapter.dispatch('unnested_with_place', 'modelkin')(list, member, place)) }}
{%- endmacro %}

{% macro duckdb__unnested_with_place(list, member, place) -%}
    unnest({{ list }}) as {{ member }}, generate_subscripts({{ list }}, 1) - 1 as {{ place }}
{%- endmacro %}

{% macro spark__unnested_with_place(list, member, place) -%}
    posexplode({{ list }}) as ({{ place }}, {{ member }})
{%- endmacro %}


{#- A lateral join that gives one row per list member, as alias.column; a null or empty list gives none. -#}
{% macro cross_join_unnest(list, alias, column) -%}
    {{ return(adapter.dispatch('cross_join_unnest', 'modelkin')(list, alias, column)) }}
{%- endmacro %}

{% macro duckdb__cross_join_unnest(list, alias, column) -%}
    cross join unnest({{ list }}) as {{ alias }} ({{ column }})
{%- endmacro %}

{% macro spark__cross_join_unnest(list, alias, column) -%}
    lateral view explode({{ list }}) {{ alias }} as {{ column }}
{%- endmacro %}


{#- A select of the whole numbers from `first` to `last`, both included, as one column. -#}
{% macro whole_numbers(first, last, column) -%}
    {{ return(adapter.dispatch('whole_numbers', 'modelkin')(first, last, column)) }}
{%- endmacro %}

{% macro duckdb__whole_numbers(first, last, column) -%}
    select unnest(range({{ first }}, {{ last }} + 1)) as {{ column }}
{%- endmacro %}

{% macro spark__whole_numbers(first, last, column) -%}
    select explode(sequence({{ first }}, {{ last }})) as {{ column }}
{%- endmacro %}


{#- An aggregate: a quantile of a group, between neighbours in proportion. -#}
{% macro quantile(number, share) -%}
    {{ return(adapter.dispatch('quantile', 'modelkin')(number, share)) }}
{%- endmacro %}

{% macro duckdb__quantile(number, share) -%}
    quantile_cont({{ number }}, {{ share }})
{%- endmacro %}

{% macro spark__quantile(number, share) -%}
    percentile({{ number }}, {{ share }})
{%- endmacro %}
