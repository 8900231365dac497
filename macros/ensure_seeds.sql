{#-
    `dbt run` does not load seeds, so on a warehouse that has none a bare run would fail. The text of statements that
    load those that are missing, with the column types that dbt would use; `dbt seed` and `dbt build` load
    all of them, as always.
-#}
{% macro ensure_seeds() -%}
    {{ return(adapter.dispatch('ensure_seeds', 'modelkin')()) }}
{%- endmacro %}

{% macro default__ensure_seeds() -%}
{%- endmacro %}

{% macro duckdb__ensure_seeds() -%}
    {%- if execute and flags.WHICH == 'run' -%}
        {%- for node in graph.nodes.values() | selectattr('resource_type', 'equalto', 'seed') | sort(attribute='name') -%}
            {%- if not adapter.get_relation(node.database, node.schema, node.alias) -%}
                {%- set columns = [] -%}
                {%- for column, type in node.config.column_types.items() -%}
                    {%- do columns.append("'" ~ column ~ "': '" ~ type ~ "'") -%}
                {%- endfor -%}
                create schema if not exists {{ adapter.quote(node.schema) }};
                create table {{ adapter.quote(node.schema) }}.{{ adapter.quote(node.alias) }} as
                select * from read_csv(
                    '{{ node.root_path | replace("'", "''") }}/{{ node.original_file_path }}',
                    header = true,
                    columns = { {{ columns | join(', ') }} }
                );
            {% endif -%}
        {%- endfor -%}
        {#- dbt rolls back what a hook at the start leaves open. -#}
        commit; begin;
    {%- endif -%}
{%- endmacro %}
