with

members as (
    select * from {{ ref('int_family_members') }}
),

models as (
    select * from {{ ref('int_models_summarized') }}
),

families as (
    select
        family_id,
        {{ model_hash('family_id') }} as root_hash
    from {{ ref('dim_families') }}
),

dated as (
    select
        members.root_hash,
        cast({{ dbt.date_trunc('month', 'models.created_at') }} as date) as created_in_month,
        models.model_type,
        models.downloads,
        members.weight
    from members
    inner join models
        on members.model_hash = models.model_hash
    -- The Hub's earliest date stands for all before it, and is no month of release.
    where
        models.created_at is not null
        and not {{ is_floored('models.created_at') }}
),

counted as (
    select
        root_hash,
        created_in_month,
        count(*) as n_models,
        count(*) filter (where model_type = 'finetune') as n_finetunes,
        count(*) filter (where model_type = 'quantized') as n_quantized,
        count(*) filter (where model_type = 'adapter') as n_adapters,
        count(*) filter (where model_type = 'merge') as n_merges,
        {{ exact_sum('cast(downloads as double) * weight') }} as downloads_weighted,
        count(downloads) as n_with_downloads
    from dated
    group by root_hash, created_in_month
),

final as (
    select
        families.family_id,
        counted.created_in_month,
        counted.n_models,
        cast(sum(counted.n_models) over (
            partition by counted.root_hash
            order by counted.created_in_month
        ) as bigint) as n_models_so_far,
        counted.n_finetunes,
        counted.n_quantized,
        counted.n_adapters,
        counted.n_merges,
        counted.downloads_weighted,
        counted.n_with_downloads
    from counted
    inner join families
        on counted.root_hash = families.root_hash
)

select * from final
