with

models as (
    select * from {{ ref('int_models_latest') }}
),

walks as (
    select * from {{ ref('int_lineage_walks') }}
),

judged_licenses as (
    select * from {{ ref('int_licenses_judged') }}
),

dim_models as (
    select * from {{ ref('dim_models') }}
),

licensed as (
    select
        models.model_hash,
        models.model_id,
        models.license,
        models.tags_from is null or models.tags_from != '' as is_license_known,
        judged_licenses.strictness,
        judged_licenses.is_commercial_use_allowed
    from models
    left join judged_licenses
        on models.license = judged_licenses.license
),

-- Few models are under a licence that restricts; their descendants alone are looked at.
restricting as (
    select * from licensed
    where strictness > 1
),

conflicts as (
    select
        licensed.model_id,
        licensed.license,
        case when licensed.license is null then 'none stated' else 'less strict' end as conflict,
        restricting.model_id as ancestor_model_id,
        restricting.license as ancestor_license,
        restricting.is_commercial_use_allowed as is_ancestor_commercial_use_allowed,
        walks.distance,
        row_number() over (
            partition by licensed.model_hash
            order by restricting.strictness desc, walks.distance asc, restricting.model_id asc
        ) as place
    from walks
    inner join restricting
        on walks.ancestor_hash = restricting.model_hash
    inner join licensed
        on walks.model_hash = licensed.model_hash
    where
        licensed.is_license_known
        and (licensed.license is null or licensed.strictness < restricting.strictness)
),

final as (
    select
        conflicts.model_id,
        conflicts.license,
        conflicts.conflict,
        conflicts.ancestor_model_id,
        conflicts.ancestor_license,
        conflicts.is_ancestor_commercial_use_allowed,
        conflicts.distance,
        dim_models.downloads,
        dim_models.has_license_file
    from conflicts
    inner join dim_models
        on conflicts.model_id = dim_models.model_id
    where conflicts.place = 1
)

select * from final
