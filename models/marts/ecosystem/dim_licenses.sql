with

license_terms as (
    select * from {{ ref('license_terms') }}
),

license_families as (
    select * from {{ ref('license_families') }}
),

final as (
    select
        license_terms.license,
        license_terms.spdx_id,
        license_terms.license_class,
        license_families.license_family,
        license_families.strictness,
        license_families.is_commercial_use_allowed,
        license_terms.is_notice_owed,
        license_terms.is_attribution_owed,
        license_terms.is_same_license_owed,
        license_terms.naming_owed,
        license_terms.is_use_restricted,
        license_terms.are_changes_allowed,
        license_terms.source_url
    from license_terms
    left join license_families
        on license_terms.license = license_families.license
)

select * from final
