{#- A view: the walks are there by hash, and to write them once more by id would take longer than to find them. -#}
{{ config(materialized=view_or_table()) }}

with

walks as (
    select * from {{ ref('int_lineage_walks') }}
),

known as (
    select * from {{ ref('int_models_known') }}
),

final as (
    select
        models.model_id,
        ancestors.model_id as ancestor_model_id,
        walks.distance
    from walks
    inner join known as models
        on walks.model_hash = models.model_hash
    inner join known as ancestors
        on walks.ancestor_hash = ancestors.model_hash
)

select * from final
