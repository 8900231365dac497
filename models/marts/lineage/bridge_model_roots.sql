with

roots as (
    select * from {{ ref('int_model_roots_weighted') }}
),

known as (
    select * from {{ ref('int_models_known') }}
),

inherited as (
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
),

-- A model with no parent is its own root.
own as (
    select
        model_id,
        model_id as root_model_id,
        cast(1 as double) as weight,
        0 as distance,
        true as is_primary
    from known
    where
        is_in_lineage
        and model_key not in (select roots.model_key from roots)
),

final as (
    select * from inherited
    union all
    select * from own
)

select * from final
