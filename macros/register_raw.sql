{#-
    The raw tables on Spark: tables over the Parquet files that `modelkin export raw` wrote, known anew in each build, so
    that the runs which came since are seen.
-#}
{% macro register_raw() -%}
    {{ return(adapter.dispatch('register_raw', 'modelkin')()) }}
{%- endmacro %}

{% macro default__register_raw() -%}
{%- endmacro %}

{% macro spark__register_raw() -%}
    {%- if execute and flags.WHICH in ('run', 'build', 'test', 'snapshot') -%}
        {%- set folder = env_var('MODELKIN_RAW', env_var('MODELKIN_SPARK', 'data/spark') ~ '/raw') -%}
        {%- do run_query('create schema if not exists raw') -%}
        {%- for table in graph.sources.values() if table.source_name == 'raw' -%}
            {%- do run_query('drop table if exists raw.' ~ table.identifier) -%}
            {%- do run_query(
                'create table raw.' ~ table.identifier ~ " using parquet location '" ~ folder ~ '/' ~ table.identifier ~ "'"
            ) -%}
            {%- if table.identifier != 'extract_runs' -%}
                {%- do run_query('msck repair table raw.' ~ table.identifier) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}
