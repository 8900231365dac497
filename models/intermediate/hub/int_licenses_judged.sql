with

models as (
    select * from {{ ref('int_models_latest') }}
),

license_families as (
    select * from {{ ref('license_families') }}
),

stated as (
    select distinct license
    from models
    where license is not null
),

named as (
    select
        license,
        {{ unnested(split_list('license', ',')) }} as one_license
    from stated
),

looked_up as (
    select
        named.license,
        coalesce(license_families.license_family, 'other') as license_family,
        license_families.strictness,
        case when license_families.is_commercial_use_allowed then 1 else 0 end as is_commercial_use_allowed,
        case when license_families.is_commercial_use_allowed is null then 0 else 1 end as is_use_known
    from named
    left join license_families
        on named.one_license = license_families.license
),

-- Whether a user may choose among several licences or must keep to all, the tags do not say.
judged as (
    select
        license,
        count(*) as n_licenses,
        case when min(license_family) = max(license_family) then min(license_family) else 'several' end
            as license_family,
        count(strictness) = count(*)
        and min(strictness) = max(strictness)
        and min(is_commercial_use_allowed) = max(is_commercial_use_allowed)
        and min(is_use_known) = max(is_use_known) as are_alike,
        min(strictness) as strictness,
        case when min(is_use_known) = 1 then min(is_commercial_use_allowed) = 1 end as is_commercial_use_allowed
    from looked_up
    group by license
),

final as (
    select
        license,
        n_licenses,
        license_family,
        case when are_alike then strictness end as strictness,
        case when are_alike then is_commercial_use_allowed end as is_commercial_use_allowed
    from judged
)

select * from final
