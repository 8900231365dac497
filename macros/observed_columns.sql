{#-
    What a source does not carry is absent, not null: a dump without the column `gated` says nothing of gating. Each run
    lists the columns that its source carries (raw.extract_runs.observed_columns); the state of a model takes each
    column from the newest observation that carried it.
-#}

{#- The columns of raw.hub_models that the state of a model keeps, under their names in raw. -#}
{% macro state_columns() -%}
    {{ return([
        'author', 'sha', 'created_at', 'last_modified', 'pipeline_tag', 'library_name', 'gated', 'tags', 'base_models',
        'card_data', 'architecture', 'parameter_count', 'gguf', 'safetensors', 'siblings',
    ]) }}
{%- endmacro %}

{#- What int_models_latest keeps of each column of the state, by that column. The others are looked up by it. -#}
{% macro state_values() -%}
    {{ return({
        'created_at': ['created_at'],
        'gated': ['gated'],
        'tags': ['parent_tags', 'license'],
        'base_models': ['base_models'],
        'card_data': ['card_parents', 'card_relation', 'stated_type'],
        'architecture': ['architecture'],
    }) }}
{%- endmacro %}

{#-
    One line of SQL for every column of the state, with `@` for its name; `joined_by` goes between them. For every value
    that int_models_latest keeps, `@column` is the column that it is taken from and `@value` the value.
-#}
{% macro each_state_column(line, joined_by=',\n        ') -%}
    {%- set lines = [] -%}
    {%- for column in modelkin.state_columns() -%}{%- do lines.append(line | replace('@', column)) -%}{%- endfor -%}
    {{ return(lines | join(joined_by)) }}
{%- endmacro %}

{% macro each_state_value(line) -%}
    {%- set lines = [] -%}
    {%- for column, values in modelkin.state_values().items() -%}
        {%- for value in values -%}
            {%- do lines.append(line | replace('@column', column) | replace('@value', value)) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(lines | join(',\n        ')) }}
{%- endmacro %}

{#- The columns of the state that int_models_observed shows: their names in raw, and what staging calls them. -#}
{% macro shown_columns() -%}
    {{ return({
        'author': 'author', 'sha': 'sha', 'created_at': 'created_at', 'last_modified': 'last_modified_at',
        'pipeline_tag': 'pipeline_tag', 'library_name': 'library_name', 'gated': 'gated', 'tags': 'tags',
        'architecture': 'architecture', 'parameter_count': 'parameter_count', 'gguf': 'gguf', 'safetensors': 'safetensors',
        'siblings': 'siblings',
    }) }}
{%- endmacro %}

{#- One line for each of them, with `@column` for its name in raw and `@name` for that in staging. -#}
{% macro each_shown_column(line, joined_by=',\n        ') -%}
    {%- set lines = [] -%}
    {%- for column, name in modelkin.shown_columns().items() -%}
        {%- do lines.append(line | replace('@column', column) | replace('@name', name)) -%}
    {%- endfor -%}
    {{ return(lines | join(joined_by)) }}
{%- endmacro %}
