{#-
    A snapshot on plain tables of Spark, which cannot be changed row by row: its new state is written beside it and takes
    its name. dbt's own macros say which versions are new and which have ended. A build that ends between the two steps
    leaves the new state alone, under its other name, and the next build takes it from there.
-#}
{% materialization snapshot, adapter='spark' %}
    {%- set target_relation = this.incorporate(type='table') -%}
    {%- set next = api.Relation.create(schema=this.schema, identifier=this.identifier ~ '__next', type='table') -%}
    {%- set existing = load_cached_relation(this) -%}
    {%- if existing is none and load_cached_relation(next) is not none -%}
        {%- do adapter.rename_relation(next, target_relation) -%}
        {%- set existing = target_relation -%}
    {%- endif -%}
    {%- set strategy_macro = strategy_dispatch(config.get('strategy')) -%}
    {%- set strategy = strategy_macro(model, 'snapshotted_data', 'source_data', model['config'], existing is not none) -%}

    {{ run_hooks(pre_hooks) }}

    {% if existing is none -%}
        {% call statement('main') -%}
            {{ create_table_as(False, target_relation, build_snapshot_table(strategy, model['compiled_code'])) }}
        {%- endcall %}
    {%- else -%}
        {%- set columns = adapter.get_columns_in_relation(existing) | map(attribute='name') | list -%}
        {%- set changes = this.schema ~ '.' ~ this.identifier ~ '__changes' -%}
        {%- do run_query('drop table if exists ' ~ changes) -%}
        {%- do run_query(
            'create table ' ~ changes ~ ' using parquet as '
            ~ snapshot_staging_table(strategy, model['compiled_code'], existing)
        ) -%}
        {%- do run_query('drop table if exists ' ~ next) -%}
        {% call statement('main') -%}
            create table {{ next }} using parquet as
            select
                {%- for column in columns %}
                {{ 'coalesce(held.dbt_valid_to, ended.dbt_valid_to) as dbt_valid_to' if column == 'dbt_valid_to' else 'held.' ~ column }}
                {{- ',' if not loop.last }}
                {%- endfor %}
            from {{ existing }} as held
            left join {{ changes }} as ended
                on held.dbt_scd_id = ended.dbt_scd_id and ended.dbt_change_type in ('update', 'delete')
            union all
            select {{ columns | join(', ') }}
            from {{ changes }}
            where dbt_change_type = 'insert'
        {%- endcall %}
        {%- do run_query('drop table ' ~ existing) -%}
        {%- do run_query('alter table ' ~ next ~ ' rename to ' ~ existing) -%}
        {%- do run_query('drop table ' ~ changes) -%}
    {%- endif %}

    {{ run_hooks(post_hooks) }}

    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}
