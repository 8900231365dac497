{#- Lists: what they hold, how much, and parts of them. -#}

{#- How many members a list has; null for a null list. -#}
{% macro list_size(list) -%}
    {{ return(adapter.dispatch('list_size', 'modelkin')(list)) }}
{%- endmacro %}

{% macro duckdb__list_size(list) -%}
    len({{ list }})
{%- endmacro %}

{#- Not cardinality, which is -1 for a null list. -#}
{% macro spark__list_size(list) -%}
    array_size({{ list }})
{%- endmacro %}


{#- The mean of a list of numbers, nulls left out; null for a null or empty list. -#}
{% macro list_mean(list) -%}
    {{ return(adapter.dispatch('list_mean', 'modelkin')(list)) }}
{%- endmacro %}

{% macro duckdb__list_mean(list) -%}
    list_avg({{ list }})
{%- endmacro %}

{% macro spark__list_mean(list) -%}
    aggregate(array_compact({{ list }}), cast(0 as double), (total, item) -> total + item)
    / nullif(array_size(array_compact({{ list }})), 0)
{%- endmacro %}


{#- Whether a list has a member; null for a null list. -#}
{% macro list_has(list, member) -%}
    {{ return(adapter.dispatch('list_has', 'modelkin')(list, member)) }}
{%- endmacro %}

{% macro duckdb__list_has(list, member) -%}
    list_contains({{ list }}, {{ member }})
{%- endmacro %}

{% macro spark__list_has(list, member) -%}
    array_contains(array_compact({{ list }}), {{ member }})
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


{#- The last member of a list; null for a null or empty list. -#}
{% macro list_last(list) -%}
    {{ return(adapter.dispatch('list_last', 'modelkin')(list)) }}
{%- endmacro %}

{% macro duckdb__list_last(list) -%}
    list_extract({{ list }}, -1)
{%- endmacro %}

{% macro spark__list_last(list) -%}
    try_element_at({{ list }}, -1)
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


{#- The distinct members of a list, in no order, nulls left out; null for a null list. -#}
{% macro list_distinct(list) -%}
    {{ return(adapter.dispatch('list_distinct', 'modelkin')(list)) }}
{%- endmacro %}

{% macro duckdb__list_distinct(list) -%}
    list_distinct({{ list }})
{%- endmacro %}

{% macro spark__list_distinct(list) -%}
    array_distinct(array_compact({{ list }}))
{%- endmacro %}


{#- What follows a prefix in the members of a list of texts that start with it. -#}
{% macro list_without_prefix(list, prefix) -%}
    {{ return(adapter.dispatch('list_without_prefix', 'modelkin')(list, prefix)) }}
{%- endmacro %}

{% macro duckdb__list_without_prefix(list, prefix) -%}
    list_transform(
        list_filter({{ list }}, lambda item : starts_with(item, '{{ prefix }}')),
        lambda item : substr(item, {{ prefix | length + 1 }})
    )
{%- endmacro %}

{% macro spark__list_without_prefix(list, prefix) -%}
    transform(
        filter({{ list }}, item -> startswith(item, '{{ prefix }}')),
        item -> substr(item, {{ prefix | length + 1 }})
    )
{%- endmacro %}
