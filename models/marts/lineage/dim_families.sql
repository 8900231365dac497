with

roots as (
    select * from {{ ref('bridge_model_roots') }}
),

models as (
    select * from {{ ref('dim_models') }}
),

members as (
    select
        roots.root_model_id,
        roots.model_id,
        roots.weight,
        roots.distance,
        roots.is_primary,
        models.is_observed,
        models.model_type,
        models.downloads,
        models.likes,
        models.created_at
    from roots
    inner join models
        on roots.model_id = models.model_id
),

totals as (
    select
        root_model_id,
        count(*) as n_models,
        count(*) filter (where is_primary) as n_primary_models,
        count(*) filter (where is_observed) as n_observed_models,
        count(*) filter (where model_type = 'finetune') as n_finetunes,
        count(*) filter (where model_type = 'quantized') as n_quantized,
        count(*) filter (where model_type = 'adapter') as n_adapters,
        count(*) filter (where model_type = 'merge') as n_merges,
        max(distance) as max_depth,
        sum(cast(downloads as double) * weight) as downloads_weighted,
        sum(cast(likes as double) * weight) as likes_weighted,
        min(created_at) as first_created_at,
        max(created_at) as last_created_at
    from members
    group by root_model_id
),

final as (
    select
        totals.root_model_id as family_id,
        models.author as root_author,
        models.is_observed as is_root_observed,
        models.architecture,
        totals.n_models,
        totals.n_primary_models,
        totals.n_observed_models,
        totals.n_finetunes,
        totals.n_quantized,
        totals.n_adapters,
        totals.n_merges,
        totals.max_depth,
        totals.downloads_weighted,
        totals.likes_weighted,
        totals.first_created_at,
        totals.last_created_at
    from totals
    inner join models
        on totals.root_model_id = models.model_id
)

select * from final
