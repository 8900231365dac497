with

roots as (
    select * from {{ ref('int_model_roots_weighted') }}
),

known as (
    select * from {{ ref('int_models_known') }}
),

final as (
    select
        models.model_id,
        root_models.model_id as root_model_id,
        roots.weight,
        roots.distance,
        roots.is_primary
    from roots
    inner join known as models
        on roots.model_key = models.model_key
    inner join known as root_models
        on roots.root_key = root_models.model_key
)

select * from final
