with

models as (
    select * from {{ ref('dim_models') }}
),

judged_licenses as (
    select * from {{ ref('int_licenses_judged') }}
),

licensed as (
    select
        {{ stated_license('models.license', 'models.is_license_known') }} as license,
        count(*) as n_models,
        count(*) filter (where models.model_type = 'base') as n_base_models,
        cast(sum(models.downloads) as bigint) as downloads,
        count(models.downloads) as n_with_downloads,
        cast(median(models.downloads) as double) as median_downloads,
        cast(median(models.likes) as double) as median_likes,
        count(*) filter (where models.has_license_file) as n_with_license_file,
        count(models.has_license_file) as n_files_known
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
            else judged_licenses.license_family
        end as license_family,
        judged_licenses.strictness,
        judged_licenses.is_commercial_use_allowed,
        licensed.n_models,
        cast(licensed.n_models as double) / sum(licensed.n_models) over () as share_models,
        licensed.n_base_models,
        licensed.downloads,
        licensed.n_with_downloads,
        cast(licensed.downloads as double) / nullif(sum(licensed.downloads) over (), 0) as share_downloads,
        licensed.median_downloads,
        licensed.median_likes,
        coalesce(judged_licenses.n_licenses, 0) as n_licenses,
        licensed.n_with_license_file,
        licensed.n_files_known
    from licensed
    left join judged_licenses
        on licensed.license = judged_licenses.license
)

select * from final
