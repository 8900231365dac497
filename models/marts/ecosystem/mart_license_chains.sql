{#- A view, as bridge_model_ancestors is. -#}
{{ config(materialized=view_or_table()) }}

with

chains as (
    select * from {{ ref('int_license_chains') }}
),

known as (
    select * from {{ ref('int_models_known') }}
),

final as (
    select
        models.model_id,
        ancestors.model_id as ancestor_model_id,
        chains.distance,
        chains.is_root,
        chains.license,
        chains.ancestor_license,
        chains.outcome,
        chains.rule,
        chains.reason,
        chains.source_url
    from chains
    inner join known as models
        on chains.model_hash = models.model_hash
    inner join known as ancestors
        on chains.ancestor_hash = ancestors.model_hash
)

select * from final
