with

models as (
    select * from {{ ref('dim_models') }}
),

license_families as (
    select * from {{ ref('license_families') }}
),

licensed as (
    select
        {{ stated_license('models.license', 'models.is_license_known') }} as license,
        count(*) as n_models,
        count(*) filter (where models.model_type = 'base') as n_base_models,
        cast(sum(models.downloads) as bigint) as downloads,
        count(models.downloads) as n_with_downloads,
        cast(median(models.downloads) as double) as median_downloads,
        cast(median(models.likes) as double) as median_likes
    from models
    where models.is_observed
    group by {{ stated_license('models.license', 'models.is_license_known') }}
),

final as (
    select
        licensed.license,
        case
            when licensed.license = 'none' then 'none stated'
            when licensed.license = 'unknown' then 'unknown'
            else coalesce(license_families.license_family, 'other')
        end as license_family,
        license_families.strictness,
        license_families.is_commercial_use_allowed,
        licensed.n_models,
        cast(licensed.n_models as double) / sum(licensed.n_models) over () as share_models,
        licensed.n_base_models,
        licensed.downloads,
        licensed.n_with_downloads,
        cast(licensed.downloads as double) / nullif(sum(licensed.downloads) over (), 0) as share_downloads,
        licensed.median_downloads,
        licensed.median_likes
    from licensed
    left join license_families
        on licensed.license = license_families.license
)

select * from final
