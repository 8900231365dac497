{#- Stop with one sentence, before any model fails, when nothing was extracted into this warehouse yet. -#}
{% macro require_raw() -%}
    {%- if execute and flags.WHICH in ('run', 'build', 'test', 'snapshot') -%}
        {%- set source_relation = source('raw', 'extract_runs') -%}
        {%- if not adapter.get_relation(source_relation.database, source_relation.schema, source_relation.identifier) -%}
            {{ exceptions.raise_compiler_error(
                "The warehouse " ~ env_var('MODELKIN_DB', 'data/modelkin.duckdb')
                ~ " has no raw data yet. Run `modelkin extract` first, or name another warehouse in MODELKIN_DB."
            ) }}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
