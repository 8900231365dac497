with

compared as (
    select * from {{ ref('int_license_pairs_compared') }}
),

final as (
    select
        ancestor_license,
        license,
        outcome,
        rule,
        reason,
        source_url
    from compared
)

select * from final
