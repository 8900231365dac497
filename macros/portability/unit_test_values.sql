{#-
    Values of the rows that unit tests are given, which dbt casts to the type of their column. A hash is written as the id
    that it stands for, and a list as a list of YAML, which neither adapter can read.
-#}

{% macro duckdb__safe_cast(field, type) -%}
    {%- if type | upper == 'UHUGEINT' -%}
        {{ modelkin.model_hash(field) }}
    {%- elif field is sequence and field is not string -%}
        cast({{ modelkin.nested_literal(field) }} as {{ type }})
    {%- else -%}
        {{ dbt.default__safe_cast(field, type) }}
    {%- endif -%}
{%- endmacro %}

{% macro spark__safe_cast(field, type) -%}
    {%- if type == 'binary' -%}
        {{ modelkin.model_hash(field) }}
    {%- elif field is sequence and field is not string -%}
        cast({{ modelkin.nested_literal(field) }} as {{ type }})
    {%- else -%}
        cast({{ field }} as {{ type }})
    {%- endif -%}
{%- endmacro %}


{#- A list of YAML, or what one holds, as a literal; a mapping is a struct. -#}
{% macro nested_literal(value) -%}
    {%- if value is mapping -%}
        {{ return(adapter.dispatch('struct_literal', 'modelkin')(value)) }}
    {%- elif value is string -%}
        {{ return(dbt.string_literal(dbt.escape_single_quotes(value))) }}
    {%- elif value is none -%}
        {{ return('null') }}
    {%- elif value is sequence -%}
        {{ return(adapter.dispatch('list_literal', 'modelkin')(value)) }}
    {%- endif -%}
    {{ return(value | string) }}
{%- endmacro %}

{% macro duckdb__list_literal(list) -%}
    [{% for member in list %}{{ modelkin.nested_literal(member) }}{{ ', ' if not loop.last }}{% endfor %}]
{%- endmacro %}

{% macro spark__list_literal(list) -%}
    array({% for member in list %}{{ modelkin.nested_literal(member) }}{{ ', ' if not loop.last }}{% endfor %})
{%- endmacro %}

{% macro duckdb__struct_literal(struct) -%}
    { {%- for name, value in struct.items() %}'{{ name }}': {{ modelkin.nested_literal(value) }}{{ ', ' if not loop.last }}{% endfor -%} }
{%- endmacro %}

{% macro spark__struct_literal(struct) -%}
    named_struct({% for name, value in struct.items() %}'{{ name }}', {{ modelkin.nested_literal(value) }}{{ ', ' if not loop.last }}{% endfor %})
{%- endmacro %}


{#-
    For the hook at the start: what the SQL of a unit test names. A table that reads its own former state has no columns
    before its first build, so dbt takes that state as SQL alone, and renders no macros in it.
-#}
{% macro functions_of_unit_tests() -%}
    {{ return(adapter.dispatch('functions_of_unit_tests', 'modelkin')()) }}
{%- endmacro %}

{% macro default__functions_of_unit_tests() -%}
{%- endmacro %}

{% macro spark__functions_of_unit_tests() -%}
    {%- if execute and flags.WHICH in ('build', 'test') -%}
        {%- do run_query(
            'create or replace temporary function md5_number(text string) returns binary return '
            ~ modelkin.model_hash('text')
        ) -%}
    {%- endif -%}
{%- endmacro %}
