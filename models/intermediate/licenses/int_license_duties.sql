with

license_families as (
    select * from {{ ref('license_families') }}
),

license_terms as (
    select * from {{ ref('license_terms') }}
),

judged_licenses as (
    select * from {{ ref('int_licenses_judged') }}
),

named as (
    select
        license as text_of_license,
        {{ unnested(split_list('license', ',')) }} as license
    from judged_licenses
),

looked_up as (
    select
        named.text_of_license,
        coalesce(license_terms.license_class, 'unknown') as license_class,
        license_terms.is_notice_owed,
        license_terms.is_attribution_owed,
        license_terms.is_same_license_owed,
        license_terms.is_use_restricted,
        not license_families.is_commercial_use_allowed as is_commercial_use_forbidden,
        license_terms.naming_owed
    from named
    left join license_terms
        on named.license = license_terms.license
    left join license_families
        on named.license = license_families.license
),

-- Of several licences a duty is known where all of them have it, or none: a user may perhaps choose.
duties as (
    select
        text_of_license as license,
        case when min(license_class) = max(license_class) then min(license_class) else 'unknown' end as license_class,
        {% for duty in license_duties() %}
            {{ agreed(duty) }} as {{ duty }},
        {% endfor %}
        case when count(*) = 1 then min(naming_owed) end as naming_owed
    from looked_up
    group by text_of_license
)

select * from duties
