{#-
    Stop with one sentence where an older version built the tables that grow: they lack the column by which this one
    finds the rows to replace, and nothing but making them anew adds it.
-#}
{% macro require_own_tables() -%}
    {%- if execute and flags.WHICH in ('run', 'build', 'snapshot') and not flags.FULL_REFRESH -%}
        {%- for node in graph.nodes.values() | selectattr('config.materialized', 'equalto', 'incremental') -%}
            {%- set table = adapter.get_relation(node.database, node.schema, node.alias) -%}
            {%- if table -%}
                {%- set held = adapter.get_columns_in_relation(table) | map(attribute='name') | list -%}
                {%- set keys = [node.config.unique_key] if node.config.unique_key is string else node.config.unique_key -%}
                {%- if (keys + node.config.meta.get('columns_added', [])) | reject('in', held) | list -%}
                    {{ exceptions.raise_compiler_error(
                        "The warehouse " ~ env_var('MODELKIN_DB', 'data/modelkin.duckdb') ~ " was built by an older "
                        ~ "version of Modelkin. Run `dbt build --full-refresh` once; what was extracted stays."
                    ) }}
                {%- endif -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}
