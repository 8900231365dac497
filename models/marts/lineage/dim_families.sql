with

roots as (
    select * from {{ ref('int_model_roots_weighted') }}
),

summarized as (
    select * from {{ ref('int_models_summarized') }}
),

models as (
    select * from {{ ref('dim_models') }}
),

-- The root apart: most models are a family by themselves, and there is nothing to sum up.
members as (
    select
        roots.root_hash,
        count(*) as n_models,
        count(*) filter (where roots.is_primary) as n_primary_models,
        count(*) filter (where summarized.is_observed) as n_observed_models,
        count(*) filter (where summarized.model_type = 'finetune') as n_finetunes,
        count(*) filter (where summarized.model_type = 'quantized') as n_quantized,
        count(*) filter (where summarized.model_type = 'adapter') as n_adapters,
        count(*) filter (where summarized.model_type = 'merge') as n_merges,
        max(roots.distance) as max_depth,
        {{ exact_sum('cast(summarized.downloads as double) * roots.weight') }} as downloads_weighted,
        {{ exact_sum('cast(summarized.likes as double) * roots.weight') }} as likes_weighted,
        min(summarized.created_at) as first_created_at,
        max(summarized.created_at) as last_created_at
    from roots
    inner join summarized
        on roots.model_hash = summarized.model_hash
    group by roots.root_hash
),

root_models as (
    select
        *,
        {{ model_hash('model_id') }} as root_hash
    from models
    where depth = 0
),

final as (
    select
        root_models.model_id as family_id,
        root_models.author as root_author,
        root_models.is_observed as is_root_observed,
        root_models.architecture,
        1 + coalesce(members.n_models, 0) as n_models,
        1 + coalesce(members.n_primary_models, 0) as n_primary_models,
        case when root_models.is_observed then 1 else 0 end + coalesce(members.n_observed_models, 0)
            as n_observed_models,
        case when root_models.model_type = 'finetune' then 1 else 0 end + coalesce(members.n_finetunes, 0)
            as n_finetunes,
        case when root_models.model_type = 'quantized' then 1 else 0 end + coalesce(members.n_quantized, 0)
            as n_quantized,
        case when root_models.model_type = 'adapter' then 1 else 0 end + coalesce(members.n_adapters, 0)
            as n_adapters,
        case when root_models.model_type = 'merge' then 1 else 0 end + coalesce(members.n_merges, 0) as n_merges,
        coalesce(members.max_depth, 0) as max_depth,
        coalesce(
            root_models.downloads + members.downloads_weighted,
            root_models.downloads,
            members.downloads_weighted
        ) as downloads_weighted,
        coalesce(
            root_models.likes + members.likes_weighted,
            root_models.likes,
            members.likes_weighted
        ) as likes_weighted,
        least(
            coalesce(root_models.created_at, members.first_created_at),
            coalesce(members.first_created_at, root_models.created_at)
        ) as first_created_at,
        greatest(
            coalesce(root_models.created_at, members.last_created_at),
            coalesce(members.last_created_at, root_models.created_at)
        ) as last_created_at,
        root_models.country as root_country,
        root_models.license as root_license
    from root_models
    left join members
        on root_models.root_hash = members.root_hash
)

select * from final
