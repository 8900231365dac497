with

roots as (
    select * from {{ ref('bridge_model_roots') }}
),

models as (
    select * from {{ ref('dim_models') }}
),

families as (
    select * from {{ ref('dim_families') }}
),

-- A model alone is a family in dim_families; here it would only repeat itself.
families_of_several as (
    select
        family_id,
        downloads_weighted
    from families
    where n_models > 1
),

typed as (
    select
        roots.root_model_id as family_id,
        models.model_type,
        count(*) as n_models,
        cast(sum(cast(coalesce(models.downloads, 0) as double) * roots.weight) as double) as downloads_weighted,
        cast(median(models.downloads) as double) as median_downloads
    from roots
    inner join models
        on roots.model_id = models.model_id
    inner join families_of_several
        on roots.root_model_id = families_of_several.family_id
    group by roots.root_model_id, models.model_type
),

final as (
    select
        typed.family_id,
        typed.model_type,
        typed.n_models,
        typed.downloads_weighted,
        typed.downloads_weighted / nullif(sum(typed.downloads_weighted) over (partition by typed.family_id), 0)
            as share_of_family,
        typed.median_downloads
    from typed
)

select * from final
