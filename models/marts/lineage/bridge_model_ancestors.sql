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
        on walks.model_key = models.model_key
    inner join known as ancestors
        on walks.ancestor_key = ancestors.model_key
)

select * from final
