{{ config(
    materialized=incremental_or_table(),
    unique_key='build_id',
    incremental_strategy='delete+insert',
    on_schema_change='fail',
    tags=['daily']
) }}
{%- set values = {} %}
{%- for name in known_vars() | sort %}{% do values.update({name: var(name)}) %}{% endfor %}

with

final as (
    select
        '{{ invocation_id }}' as build_id,
        cast('{{ run_started_at.strftime("%Y-%m-%d %H:%M:%S.%f") }}' as timestamp) as built_at,
        '{{ config.get("meta", {}).get("modelkin_version") }}' as modelkin_version,
        '{{ dbt_version }}' as dbt_version,
        version() as engine_version,
        '{{ tojson(values) }}' as vars
)

select * from final
