{#- Lists: what they hold, how much, and parts of them. -#}

{#- The first members of a list, at most `size` of them. -#}
{% macro list_prefix(list, size) -%}
    {{ return(adapter.dispatch('list_prefix', 'modelkin')(list, size)) }}
{%- endmacro %}

{% macro duckdb__list_prefix(list, size) -%}
    list_slice({{ list }}, 1, {{ size }})
{%- endmacro %}

{% macro spark__list_prefix(list, size) -%}
    slice({{ list }}, 1, {{ size }})
{%- endmacro %}


{#- How many members a list has; null for a null list. -#}
{% macro list_size(list) -%}
    {{ return(adapter.dispatch('list_size', 'modelkin')(list)) }}
{%- endmacro %}

{% macro duckdb__list_size(list) -%}
    len({{ list }})
{%- endmacro %}

{% macro spark__list_size(list) -%}
    cardinality({{ list }})
{%- endmacro %}


{#- How many distinct members two lists share. -#}
{% macro list_shared_size(list_a, list_b) -%}
    {{ return(adapter.dispatch('list_shared_size', 'modelkin')(list_a, list_b)) }}
{%- endmacro %}

{% macro duckdb__list_shared_size(list_a, list_b) -%}
    len(list_intersect({{ list_a }}, {{ list_b }}))
{%- endmacro %}

{% macro spark__list_shared_size(list_a, list_b) -%}
    cardinality(array_intersect({{ list_a }}, {{ list_b }}))
{%- endmacro %}


{#- The mean of a list of numbers; null for a null or empty list. -#}
{% macro list_mean(list) -%}
    {{ return(adapter.dispatch('list_mean', 'modelkin')(list)) }}
{%- endmacro %}

{% macro duckdb__list_mean(list) -%}
    list_avg({{ list }})
{%- endmacro %}

{% macro spark__list_mean(list) -%}
    aggregate({{ list }}, cast(0 as double), (total, item) -> total + item) / nullif(cardinality({{ list }}), 0)
{%- endmacro %}


{#- Whether a list has a member; null for a null list. -#}
{% macro list_has(list, member) -%}
    {{ return(adapter.dispatch('list_has', 'modelkin')(list, member)) }}
{%- endmacro %}

{% macro duckdb__list_has(list, member) -%}
    list_contains({{ list }}, {{ member }})
{%- endmacro %}

{% macro spark__list_has(list, member) -%}
    array_contains({{ list }}, {{ member }})
{%- endmacro %}


{#- The first member of a list; null for a null or empty list. -#}
{% macro list_first(list) -%}
    {{ return(adapter.dispatch('list_first', 'modelkin')(list)) }}
{%- endmacro %}

{% macro duckdb__list_first(list) -%}
    list_extract({{ list }}, 1)
{%- endmacro %}

{% macro spark__list_first(list) -%}
    get({{ list }}, 0)
{%- endmacro %}


{#- A list of texts or numbers written out in a model. -#}
{% macro list_of(members) -%}
    {{ return(adapter.dispatch('list_of', 'modelkin')(members)) }}
{%- endmacro %}

{% macro duckdb__list_of(members) -%}
    [{% for member in members %}{{ "'" ~ member ~ "'" if member is string else member }}{{ ', ' if not loop.last }}{% endfor %}]
{%- endmacro %}

{% macro spark__list_of(members) -%}
    array({% for member in members %}{{ "'" ~ member ~ "'" if member is string else member }}{{ ', ' if not loop.last }}{% endfor %})
{%- endmacro %}


{#- The least and the greatest member of a list of numbers; null for a null or empty list. -#}
{% macro list_least(list) -%}
    {{ return(adapter.dispatch('list_least', 'modelkin')(list)) }}
{%- endmacro %}

{% macro duckdb__list_least(list) -%}
    list_min({{ list }})
{%- endmacro %}

{% macro spark__list_least(list) -%}
    array_min({{ list }})
{%- endmacro %}

{% macro list_greatest(list) -%}
    {{ return(adapter.dispatch('list_greatest', 'modelkin')(list)) }}
{%- endmacro %}

{% macro duckdb__list_greatest(list) -%}
    list_max({{ list }})
{%- endmacro %}

{% macro spark__list_greatest(list) -%}
    array_max({{ list }})
{%- endmacro %}


{#- The distinct members of a list, in no order; null for a null list. -#}
{% macro list_distinct(list) -%}
    {{ return(adapter.dispatch('list_distinct', 'modelkin')(list)) }}
{%- endmacro %}

{% macro duckdb__list_distinct(list) -%}
    list_distinct({{ list }})
{%- endmacro %}

{% macro spark__list_distinct(list) -%}
    array_distinct({{ list }})
{%- endmacro %}
