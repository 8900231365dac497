{#-
    Tables as the adapter creates them, but with zstd for ids, keys and commits. DuckDB would choose dictionaries for
    them, which take twice as long to write where almost every row holds another text, and as much space.
-#}
{% macro duckdb__create_table_as(temporary, relation, compiled_code, language='sql', partitioned_by=none, sorted_by=none) -%}
    {%- if temporary %}
    create temporary table {{ relation.identifier }} as (
        {{ compiled_code }}
    );
    {%- else %}
        {%- set columns = [] -%}
        {%- if config.get('contract').enforced -%}
            {{ get_assert_columns_equivalent(compiled_code) }}
            {%- do columns.extend(adapter.render_raw_columns_constraints(raw_columns=model['columns'])) -%}
            {%- set names = model['columns'].keys() | list -%}
        {%- else -%}
            {%- set described = run_query('describe ' ~ compiled_code) -%}
            {%- for row in described.rows -%}
                {%- do columns.append(adapter.quote(row['column_name']) ~ ' ' ~ row['column_type']) -%}
            {%- endfor -%}
            {%- set names = described.columns['column_name'].values() -%}
        {%- endif %}
    create table {{ relation }} (
        {%- for column in columns %}
        {{ column }}{{ ' using compression zstd' if modelkin.is_mostly_distinct(names[loop.index0]) }}{{ ',' if not loop.last }}
        {%- endfor %}
    );
    insert into {{ relation }} by name (
        {{ compiled_code }}
    );
    {%- endif %}
{%- endmacro %}

{#- Whether a column of this name holds another text in almost every row, as ids, keys and commits do. -#}
{% macro is_mostly_distinct(column) -%}
    {{ return(column in ['author', 'sha', 'parents'] or (column.endswith(('_id', '_key')) and column != 'run_id')) }}
{%- endmacro %}
