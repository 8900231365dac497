{#-
    The descriptions of the raw tables as comments, which the extractors do not know: a client that opens the warehouse
    reads them as it reads those of the marts. Only those that are missing or have changed are written.
-#}
{% macro describe_raw() -%}
    {{ return(adapter.dispatch('describe_raw', 'modelkin')()) }}
{%- endmacro %}

{% macro default__describe_raw() -%}
{%- endmacro %}

{% macro duckdb__describe_raw() -%}
    {%- if execute and flags.WHICH in ('run', 'build') -%}
        {%- set held = {} -%}
        {%- set present = run_query(
            "select table_name, '' as column_name, comment from duckdb_tables() "
            ~ "where schema_name = 'raw' and database_name = current_database() "
            ~ "union all select table_name, column_name, comment from duckdb_columns() "
            ~ "where schema_name = 'raw' and database_name = current_database()"
        ) -%}
        {%- for row in present.rows -%}
            {%- do held.update({(row[0], row[1]): row[2]}) -%}
        {%- endfor -%}
        {%- for table in graph.sources.values() if table.source_name == 'raw' -%}
            {%- set relation = adapter.quote(table.schema) ~ '.' ~ adapter.quote(table.identifier) -%}
            {%- if (table.identifier, '') in held and held[(table.identifier, '')] != table.description %}
                comment on table {{ relation }} is {{ duckdb_escape_comment(table.description) }};
            {%- endif -%}
            {%- for column in table.columns.values() -%}
                {%- set key = (table.identifier, column.name) -%}
                {%- if key in held and held[key] != column.description %}
                    comment on column {{ relation }}.{{ adapter.quote(column.name) }}
                        is {{ duckdb_escape_comment(column.description) }};
                {%- endif -%}
            {%- endfor -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}
