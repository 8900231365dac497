{#- JSON, which DuckDB and Spark read with different functions. -#}

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


{#- The texts at a top-level key that holds one text or a list of texts, as a list; null where it holds neither. -#}
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
    case
        when schema_of_variant(try_variant_get(try_parse_json({{ json }}), '$.{{ key }}', 'variant')) like 'ARRAY<%'
            then try_variant_get(try_parse_json({{ json }}), '$.{{ key }}', 'array<string>')
        when schema_of_variant(try_variant_get(try_parse_json({{ json }}), '$.{{ key }}', 'variant')) = 'STRING'
            then array(get_json_object({{ json }}, '$.{{ key }}'))
    end
{%- endmacro %}


{#- The number at a path of keys in a JSON object; null where there is none. -#}
{% macro json_number(json, keys) -%}
    {{ return(adapter.dispatch('json_number', 'modelkin')(json, keys)) }}
{%- endmacro %}

{% macro duckdb__json_number(json, keys) -%}
    try_cast(json_extract_string({{ json }}, '$."{{ keys | join('"."') }}"') as double)
{%- endmacro %}

{% macro spark__json_number(json, keys) -%}
    try_cast(get_json_object({{ json }}, '$.{{ keys | join('.') }}') as double)
{%- endmacro %}


{#- The sum of the numbers in the object at a top-level key of a JSON object; null where there is none. -#}
{% macro json_numbers_sum(json, key) -%}
    {{ return(adapter.dispatch('json_numbers_sum', 'modelkin')(json, key)) }}
{%- endmacro %}

{% macro duckdb__json_numbers_sum(json, key) -%}
    list_sum(list_transform(
        json_extract_string({{ json }}, '$."{{ key }}".*'), lambda number : try_cast(number as double)
    ))
{%- endmacro %}

{% macro spark__json_numbers_sum(json, key) -%}
    aggregate(
        map_values(from_json(get_json_object({{ json }}, '$.{{ key }}'), 'map<string,double>')),
        cast(null as double),
        (total, number) -> coalesce(total + number, number, total)
    )
{%- endmacro %}
