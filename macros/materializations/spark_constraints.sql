{#- Plain tables of Spark hold no constraints, so what a contract says is never null is looked for once the table is made. -#}
{% macro spark__persist_constraints(relation, model) -%}
    {%- if config.get('contract').enforced -%}
        {%- set names = [] -%}
        {%- for column in model.columns.values() if column.constraints | selectattr('type', 'equalto', 'not_null') | list -%}
            {%- do names.append(column.name) -%}
        {%- endfor -%}
        {%- if names -%}
            {%- set found = run_query(
                'select 1 from ' ~ relation ~ ' where ' ~ names | join(' is null or ') ~ ' is null limit 1'
            ) -%}
            {%- if found.rows | length -%}
                {{ exceptions.raise_compiler_error(
                    relation ~ ' has a null in one of the columns that its contract calls not null: ' ~ names | join(', ')
                ) }}
            {%- endif -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
