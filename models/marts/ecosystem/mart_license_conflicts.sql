with

verdicts as (
    select * from {{ ref('mart_license_verdicts') }}
    where verdict = 'in_conflict'
),

judged_licenses as (
    select * from {{ ref('int_licenses_judged') }}
),

models as (
    select * from {{ ref('dim_models') }}
),

final as (
    select
        verdicts.model_id,
        models.license,
        case
            when models.license is null then 'none stated'
            when own.strictness < judged_licenses.strictness then 'less strict'
            else 'other terms'
        end as conflict,
        verdicts.ancestor_model_id,
        verdicts.ancestor_license,
        judged_licenses.is_commercial_use_allowed as is_ancestor_commercial_use_allowed,
        verdicts.distance,
        models.downloads,
        models.has_license_file
    from verdicts
    inner join models
        on verdicts.model_id = models.model_id
    left join judged_licenses as own
        on models.license = own.license
    left join judged_licenses
        on verdicts.ancestor_license = judged_licenses.license
)

select * from final
