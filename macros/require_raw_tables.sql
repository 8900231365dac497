{#-
    Stop with one sentence where raw tables are missing, since an older version made the warehouse. Every command that
    writes adds them; only a bare `dbt build` does not.
-#}
{% macro require_raw_tables() -%}
    {%- if execute and flags.WHICH in ('run', 'build') -%}
        {%- set missing = [] -%}
        {%- for table in graph.sources.values() if table.source_name == 'raw' -%}
            {%- if adapter.get_relation(table.database, table.schema, table.identifier) is none -%}
                {%- do missing.append('raw.' ~ table.identifier) -%}
            {%- endif -%}
        {%- endfor -%}
        {%- if missing -%}
            {{ exceptions.raise_compiler_error(
                "The warehouse " ~ env_var('MODELKIN_DB', 'data/modelkin.duckdb') ~ " was made by an older version of"
                ~ " Modelkin: it lacks " ~ missing | sort | join(', ') ~ ". Run `modelkin build` once, which adds what is missing."
            ) }}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
