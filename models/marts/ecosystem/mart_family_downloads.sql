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

typed as (
    select
        members.root_hash,
        models.model_type,
        count(*) as n_models,
        {{ exact_sum('cast(models.downloads as double) * members.weight') }} as downloads_weighted,
        count(models.downloads) as n_with_downloads,
        cast(median(models.downloads) as double) as median_downloads
    from members
    inner join models
        on members.model_hash = models.model_hash
    group by members.root_hash, models.model_type
),

final as (
    select
        families.family_id,
        typed.model_type,
        typed.n_models,
        typed.downloads_weighted,
        typed.n_with_downloads,
        typed.downloads_weighted
        / nullif(cast(sum(cast(typed.downloads_weighted as decimal(38, 15))) over one_family as double), 0)
            as share_of_family,
        typed.median_downloads
    from typed
    inner join families
        on typed.root_hash = families.root_hash
    window one_family as (partition by typed.root_hash)
)

select * from final
