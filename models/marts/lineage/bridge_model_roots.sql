{#- A view, as bridge_model_ancestors is. -#}
{{ config(materialized=view_or_table()) }}

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
        on roots.model_hash = models.model_hash
    inner join known as root_models
        on roots.root_hash = root_models.model_hash
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
        and model_hash not in (select roots.model_hash from roots)
),

final as (
    select * from inherited
    union all
    select * from own
)

select * from final
