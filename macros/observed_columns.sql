{#-
    What a source does not carry is absent, not null: a dump without the column `gated` says nothing of gating. Each run
    lists the columns that its source carries (raw.extract_runs.observed_columns); the state of a model takes each
    column from the newest observation that carried it.
-#}

{#- The columns of raw.hub_models that the state of a model keeps, under their names in raw. -#}
{% macro state_columns() -%}
    {{ return([
        'author', 'sha', 'created_at', 'last_modified', 'pipeline_tag', 'library_name', 'gated', 'tags', 'base_models',
        'card_data', 'architecture', 'parameter_count',
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
