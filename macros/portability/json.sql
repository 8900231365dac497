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
