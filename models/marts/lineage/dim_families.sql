with

roots as (
    select * from {{ ref('bridge_model_roots') }}
),

models as (
    select * from {{ ref('dim_models') }}
),

inherited as (
    select * from roots
    where distance > 0
),

roots_of_several as (
    select distinct root_model_id from inherited
),

members as (
    select
        inherited.root_model_id,
        inherited.weight,
        inherited.distance,
        inherited.is_primary,
        models.is_observed,
        models.model_type,
        models.downloads,
        models.likes,
        models.created_at
    from inherited
    inner join models
        on inherited.model_id = models.model_id
    union all
    select
        models.model_id as root_model_id,
        1 as weight,
        0 as distance,
        true as is_primary,
        models.is_observed,
        models.model_type,
        models.downloads,
        models.likes,
        models.created_at
    from models
    inner join roots_of_several
        on models.model_id = roots_of_several.root_model_id
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

families_of_several as (
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
),

-- Most models are a family by themselves, and there is nothing to sum up.
families_of_one as (
    select
        model_id as family_id,
        author as root_author,
        is_observed as is_root_observed,
        architecture,
        1 as n_models,
        1 as n_primary_models,
        case when is_observed then 1 else 0 end as n_observed_models,
        case when model_type = 'finetune' then 1 else 0 end as n_finetunes,
        case when model_type = 'quantized' then 1 else 0 end as n_quantized,
        case when model_type = 'adapter' then 1 else 0 end as n_adapters,
        case when model_type = 'merge' then 1 else 0 end as n_merges,
        0 as max_depth,
        cast(downloads as double) as downloads_weighted,
        cast(likes as double) as likes_weighted,
        created_at as first_created_at,
        created_at as last_created_at
    from models
    where
        primary_root_id = model_id
        and model_id not in (select roots_of_several.root_model_id from roots_of_several)
),

final as (
    select * from families_of_several
    union all
    select * from families_of_one
)

select * from final
