with

published_claims as (
    select * from {{ ref('published_claims') }}
),

family_labels as (
    select * from {{ ref('family_labels') }}
),

final as (
    select
        published_claims.claim_id,
        published_claims.source_documents,
        published_claims.source_place,
        published_claims.kind,
        published_claims.statement,
        published_claims.operationalisation,
        published_claims.statistic,
        published_claims.study_id,
        published_claims.base_model_id,
        family_labels.family_label,
        published_claims.relation,
        published_claims.min_downloads,
        published_claims.max_downloads,
        published_claims.derived_model_id,
        published_claims.min_overlap,
        published_claims.max_overlap,
        published_claims.versus_study_id,
        published_claims.versus_base_model_id,
        published_claims.versus_relation,
        published_claims.versus_min_downloads,
        published_claims.versus_max_downloads,
        published_claims.comparator,
        published_claims.published_value,
        published_claims.published_upper,
        published_claims.decimals,
        published_claims.rounded_inputs,
        published_claims.remark
    from published_claims
    left join family_labels
        on lower(published_claims.base_model_id) = lower(family_labels.base_model_id)
)

select * from final
