{#-
    Write what became of each data test into `fct_build_tests`. A test that this build did not run keeps its last
    result; one that the project no longer has loses its row. dbt calls this at the end of a build, failed or not.
-#}
{% macro record_tests(results) -%}
    {%- if execute and flags.WHICH == 'build' -%}
        {%- set node = graph.nodes.values() | selectattr('name', 'equalto', 'fct_build_tests') | first -%}
        {%- set table = adapter.get_relation(node.database, node.schema, node.alias) -%}
        {%- set run = results | selectattr('node.resource_type', 'equalto', 'test') | list -%}
        {%- if table and run -%}
            {{ adapter.dispatch('write_tests', 'modelkin')(table, run) }}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}

{% macro duckdb__write_tests(table, run) -%}
    {%- set kept = graph.nodes.values() | selectattr('resource_type', 'equalto', 'test')
        | map(attribute='unique_id') | reject('in', run | map(attribute='node.unique_id') | list) | list -%}
    delete from {{ table }}{% if kept %} where test_id not in ('{{ kept | join("', '") }}'){% endif %};
    insert into {{ table }} values {{ modelkin.rows_of_tests(run) }};
{%- endmacro %}

{#- Every build on Spark makes the table anew, so it holds no earlier results. -#}
{% macro spark__write_tests(table, run) -%}
    insert into {{ table }} values {{ modelkin.rows_of_tests(run) }}
{%- endmacro %}

{% macro rows_of_tests(run) -%}
    {%- for result in run -%}
        {%- set tested = graph.nodes.get(result.node.attached_node, graph.sources.get(result.node.attached_node, {})) %}
        ('{{ result.node.unique_id }}', '{{ result.node.name }}', '{{ invocation_id }}',
            {%- for name in (tested.schema, tested.alias or tested.identifier, result.node.column_name) %}
            {{ "'" ~ name ~ "'" if name else 'null' }},
            {%- endfor %}
            '{{ result.status }}', {{ 'null' if result.failures is none else result.failures }})
            {{- ',' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}
