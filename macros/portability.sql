{#-
    What DuckDB and Spark spell differently. Models call these and otherwise hold only SQL that both take.
    Each macro is tested over a list of values in tests/dbt/assert_portability_macros_hold.sql.
-#}

{#- The text at a top-level key of a JSON object; null when the key is absent or the JSON is null. -#}
{% macro json_text(json, key) -%}
    {{ return(adapter.dispatch('json_text', 'modelkin')(json, key)) }}
{%- endmacro %}

{% macro duckdb__json_text(json, key) -%}
    json_extract_string({{ json }}, '$."{{ key }}"')
{%- endmacro %}

{% macro spark__json_text(json, key) -%}
    get_json_object({{ json }}, '$.{{ key }}')
{%- endmacro %}


{#- The texts at a top-level key that holds one text or a list of texts, as a list. -#}
{% macro json_text_list(json, key) -%}
    {{ return(adapter.dispatch('json_text_list', 'modelkin')(json, key)) }}
{%- endmacro %}

{% macro duckdb__json_text_list(json, key) -%}
    case json_type({{ json }}, '$."{{ key }}"')
        when 'ARRAY' then json_extract_string({{ json }}, '$."{{ key }}"[*]')
        when 'VARCHAR' then [json_extract_string({{ json }}, '$."{{ key }}"')]
    end
{%- endmacro %}

{% macro spark__json_text_list(json, key) -%}
    coalesce(
        from_json(get_json_object({{ json }}, '$.{{ key }}'), 'array<string>'),
        array(get_json_object({{ json }}, '$.{{ key }}'))
    )
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


{#-
    One row a member of a list, in the list of a select; a null or empty list gives no row. A lateral join says the
    same, but DuckDB joins its result back to the rows, at eight times the cost.
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


{#- One row a member of a list with its place in it, counted from 0, as two columns in the list of a select. -#}
{% macro unnested_with_place(list, member, place) -%}
    {{ return(adapter.dispatch('unnested_with_place', 'modelkin')(list, member, place)) }}
{%- endmacro %}

{% macro duckdb__unnested_with_place(list, member, place) -%}
    unnest({{ list }}) as {{ member }}, generate_subscripts({{ list }}, 1) - 1 as {{ place }}
{%- endmacro %}

{% macro spark__unnested_with_place(list, member, place) -%}
    posexplode({{ list }}) as ({{ place }}, {{ member }})
{%- endmacro %}


{#- A lateral join that gives one row a list member, as alias.column; a null or empty list gives none. -#}
{% macro cross_join_unnest(list, alias, column) -%}
    {{ return(adapter.dispatch('cross_join_unnest', 'modelkin')(list, alias, column)) }}
{%- endmacro %}

{% macro duckdb__cross_join_unnest(list, alias, column) -%}
    cross join unnest({{ list }}) as {{ alias }} ({{ column }})
{%- endmacro %}

{% macro spark__cross_join_unnest(list, alias, column) -%}
    lateral view explode({{ list }}) {{ alias }} as {{ column }}
{%- endmacro %}


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


{#- Whether a whole text matches a regular expression. -#}
{% macro matches_fully(text, pattern) -%}
    {{ return(adapter.dispatch('matches_fully', 'modelkin')(text, pattern)) }}
{%- endmacro %}

{% macro duckdb__matches_fully(text, pattern) -%}
    regexp_full_match({{ text }}, '{{ pattern }}')
{%- endmacro %}

{% macro spark__matches_fully(text, pattern) -%}
    {{ text }} rlike r'^(?:{{ pattern }})$'
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


{#- Whether a text holds a match of a regular expression that a column carries; null when either is null. -#}
{% macro matches_somewhere(text, pattern) -%}
    {{ return(adapter.dispatch('matches_somewhere', 'modelkin')(text, pattern)) }}
{%- endmacro %}

{% macro duckdb__matches_somewhere(text, pattern) -%}
    regexp_matches({{ text }}, {{ pattern }})
{%- endmacro %}

{% macro spark__matches_somewhere(text, pattern) -%}
    {{ text }} rlike {{ pattern }}
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
