{#-
    The rows of a snapshot; none while it was not taken yet, as `dbt run` takes no snapshots. `columns` are its
    columns of text, beside those that dbt adds.
-#}
{% macro snapshot_so_far(snapshot, columns) -%}
    {%- set relation = ref(snapshot) -%}
    {%- if not execute or load_relation(relation) -%}
        select * from {{ relation }}
    {%- else -%}
        select
            {%- for column in columns %}
            cast(null as string) as {{ column }},
            {%- endfor %}
            cast(null as timestamp) as dbt_valid_from,
            cast(null as timestamp) as dbt_valid_to
        where false
    {%- endif -%}
{%- endmacro %}
