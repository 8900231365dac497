{#-
    What dbt compares to take a snapshot, with the versions held of the rows that came and no others. dbt would copy all
    versions that are valid now, of which a day's observations touch one in a hundred.
-#}
{% macro duckdb__snapshot_staging_table(strategy, source_sql, target_relation) -%}
    {%- if strategy.hard_deletes != 'ignore' or strategy.unique_key is not string -%}
        {#- To find what is gone takes all versions. -#}
        {{ dbt.default__snapshot_staging_table(strategy, source_sql, target_relation) }}
    {%- else -%}
        {%- set versions_held -%}
            (
                select * from {{ target_relation }}
                where {{ strategy.unique_key }} in (select {{ strategy.unique_key }} from ({{ source_sql }}))
            )
        {%- endset -%}
        {{ dbt.default__snapshot_staging_table(strategy, source_sql, versions_held) }}
    {%- endif -%}
{%- endmacro %}
