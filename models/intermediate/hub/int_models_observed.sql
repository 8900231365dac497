{{ config(materialized='view') }}
{#- The columns in raw, and what staging calls them. -#}
{%- set recency = metadata_recency('observations.run_source', 'observations.observed_at', 'observations.run_id') %}
{%- set looked_up = {
    'author': 'author', 'sha': 'sha', 'created_at': 'created_at', 'last_modified': 'last_modified_at',
    'pipeline_tag': 'pipeline_tag', 'library_name': 'library_name', 'gated': 'gated', 'tags': 'tags',
    'architecture': 'architecture', 'parameter_count': 'parameter_count',
} %}

with

observations as (
    select * from {{ ref('stg_hub__models') }}
),

superseded as (
    select * from {{ ref('int_observations_superseded') }}
),

models as (
    select * from {{ ref('int_models_latest') }}
),

observed as (
    select observations.*
    from observations
    left join superseded
        on
            observations.model_hash = superseded.model_hash
            and observations.run_id = superseded.run_id
    where superseded.model_hash is null
),

-- Models whose newest observation lacks a column that an older one carried.
lacking as (
    select *
    from models
    where
        {%- for column in looked_up %}
        {{ 'or ' if not loop.first }}{{ column }}_from != ''
        {%- endfor %}
),

older as (
    select
        lacking.model_hash,
        {%- for column, name in looked_up.items() %}
        max(
            case
                when lacking.{{ column }}_from = {{ recency }}
                    then observations.{{ name }}
            end
        ) as {{ name }}{{ ',' if not loop.last }}
        {%- endfor %}
    from lacking
    inner join observations
        on lacking.model_hash = observations.model_hash
    group by lacking.model_hash
),

described as (
    select
        observed.model_hash,
        observed.model_id,
        {%- for name in looked_up.values() %}
        coalesce(observed.{{ name }}, older.{{ name }}) as {{ name }},
        {%- endfor %}
        observed.run_id
    from observed
    left join older
        on observed.model_hash = older.model_hash
)

select * from described
