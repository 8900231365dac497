{#- Plain tables of Spark keep no comments of columns, so nothing is asked about them; the adapter would describe each table. -#}
{% macro spark__persist_docs(relation, model, for_relation, for_columns) -%}
{%- endmacro %}
