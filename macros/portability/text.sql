{#- Patterns in texts, and texts taken apart and put together. -#}

{#- Whether a whole text matches a regular expression. -#}
{% macro matches_fully(text, pattern) -%}
    {{ return(adapter.dispatch('matches_fully', 'modelkin')(text, pattern)) }}
{%- endmacro %}

{% macro duckdb__matches_fully(text, pattern) -%}
    regexp_full_match({{ text }}, '{{ pattern }}')
{%- endmacro %}

{% macro spark__matches_fully(text, pattern) -%}
    ({{ text }} rlike r'^(?:{{ pattern }})$')
{%- endmacro %}


{#- Whether a text holds a match of a regular expression that a column carries; null when either is null. -#}
{% macro matches_somewhere(text, pattern) -%}
    {{ return(adapter.dispatch('matches_somewhere', 'modelkin')(text, pattern)) }}
{%- endmacro %}

{% macro duckdb__matches_somewhere(text, pattern) -%}
    regexp_matches({{ text }}, {{ pattern }})
{%- endmacro %}

{% macro spark__matches_somewhere(text, pattern) -%}
    ({{ text }} rlike {{ pattern }})
{%- endmacro %}


{#- The members of a list of texts, sorted and joined by commas; null for a null or empty list. -#}
{% macro sorted_list_text(list) -%}
    {{ return(adapter.dispatch('sorted_list_text', 'modelkin')(list)) }}
{%- endmacro %}

{% macro duckdb__sorted_list_text(list) -%}
    nullif(array_to_string(list_sort({{ list }}), ','), '')
{%- endmacro %}

{% macro spark__sorted_list_text(list) -%}
    nullif(array_join(array_sort({{ list }}), ','), '')
{%- endmacro %}


{#- The members of a list of texts, one on a line; null for a null list. -#}
{% macro joined_lines(list) -%}
    {{ return(adapter.dispatch('joined_lines', 'modelkin')(list)) }}
{%- endmacro %}

{% macro duckdb__joined_lines(list) -%}
    array_to_string({{ list }}, chr(10))
{%- endmacro %}

{% macro spark__joined_lines(list) -%}
    array_join({{ list }}, char(10))
{%- endmacro %}


{#- The parts of a text between separators, as a list. -#}
{% macro split_list(text, separator) -%}
    {{ return(adapter.dispatch('split_list', 'modelkin')(text, separator)) }}
{%- endmacro %}

{% macro duckdb__split_list(text, separator) -%}
    string_split({{ text }}, '{{ separator }}')
{%- endmacro %}

{% macro spark__split_list(text, separator) -%}
    split({{ text }}, '[{{ separator }}]')
{%- endmacro %}


{#- The members of a list of texts that start with a prefix. -#}
{% macro list_starting_with(list, prefix) -%}
    {{ return(adapter.dispatch('list_starting_with', 'modelkin')(list, prefix)) }}
{%- endmacro %}

{% macro duckdb__list_starting_with(list, prefix) -%}
    list_filter({{ list }}, lambda item : starts_with(item, '{{ prefix }}'))
{%- endmacro %}

{% macro spark__list_starting_with(list, prefix) -%}
    filter({{ list }}, item -> startswith(item, '{{ prefix }}'))
{%- endmacro %}


{#- The members of a list of texts that do not start with a prefix. -#}
{% macro list_not_starting_with(list, prefix) -%}
    {{ return(adapter.dispatch('list_not_starting_with', 'modelkin')(list, prefix)) }}
{%- endmacro %}

{% macro duckdb__list_not_starting_with(list, prefix) -%}
    list_filter({{ list }}, lambda item : not starts_with(item, '{{ prefix }}'))
{%- endmacro %}

{% macro spark__list_not_starting_with(list, prefix) -%}
    filter({{ list }}, item -> not startswith(item, '{{ prefix }}'))
{%- endmacro %}


{#- A text with every match of a regular expression replaced; the expression is SQL, and may be a column. -#}
{% macro replace_matches(text, pattern, replacement) -%}
    {{ return(adapter.dispatch('replace_matches', 'modelkin')(text, pattern, replacement)) }}
{%- endmacro %}

{% macro duckdb__replace_matches(text, pattern, replacement) -%}
    regexp_replace({{ text }}, {{ pattern }}, '{{ replacement }}', 'g')
{%- endmacro %}

{% macro spark__replace_matches(text, pattern, replacement) -%}
    regexp_replace({{ text }}, {{ pattern }}, '{{ replacement }}')
{%- endmacro %}


{#- An aggregate: the texts of a group as one regular expression that tries longer texts first; nulls are left out. -#}
{% macro alternatives(text) -%}
    {{ return(adapter.dispatch('alternatives', 'modelkin')(text)) }}
{%- endmacro %}

{% macro duckdb__alternatives(text) -%}
    string_agg({{ text }}, '|' order by length({{ text }}) desc, {{ text }} asc)
{%- endmacro %}

{% macro spark__alternatives(text) -%}
    array_join(
        transform(
            array_sort(
                collect_list(
                    case when {{ text }} is not null then named_struct('place', -length({{ text }}), 'text', {{ text }}) end
                )
            ),
            item -> item.text
        ),
        '|'
    )
{%- endmacro %}


{#- An aggregate: the distinct texts of a group, sorted and joined; null where all are. -#}
{% macro joined_texts(text, separator) -%}
    {{ return(adapter.dispatch('joined_texts', 'modelkin')(text, separator)) }}
{%- endmacro %}

{% macro duckdb__joined_texts(text, separator) -%}
    string_agg(distinct {{ text }}, '{{ separator }}' order by {{ text }})
{%- endmacro %}

{% macro spark__joined_texts(text, separator) -%}
    nullif(array_join(array_sort(collect_set({{ text }})), '{{ separator }}'), '')
{%- endmacro %}
