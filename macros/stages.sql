{#- Whether the model or data test that runs now may make tables: it is no unit test, and not only compiled. -#}
{% macro makes_stages() -%}
    {{ return(execute and flags.WHICH in ('run', 'build', 'test') and model.resource_type in ('model', 'test')) }}
{%- endmacro %}

{#- Make the table of one step of a model from a select, and return its name. -#}
{% macro stage(name, select) -%}
    {%- set table = 'intermediate.' ~ model.name ~ '__step__' ~ name -%}
    {%- do run_query('drop table if exists ' ~ table) -%}
    {%- do run_query('create table ' ~ table ~ ' using parquet as ' ~ select) -%}
    {{ return(table) }}
{%- endmacro %}

{% macro rows_of(table) -%}
    {{ return(run_query('select count(*) from ' ~ table).rows[0][0] | int) }}
{%- endmacro %}

{#- For the hook at the end of a build: drop the tables of all steps. -#}
{% macro drop_stages() -%}
    {{ return(adapter.dispatch('drop_stages', 'modelkin')()) }}
{%- endmacro %}

{% macro default__drop_stages() -%}
{%- endmacro %}

{% macro spark__drop_stages() -%}
    {%- if execute and flags.WHICH in ('run', 'build', 'test') -%}
        {%- for row in run_query("show tables in intermediate like '*__step__*'").rows -%}
            {%- do run_query('drop table intermediate.' ~ row[1]) -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}
