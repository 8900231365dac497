with

pairs as (
    select * from {{ ref('int_overlaps_united') }}
),

pair_relations as (
    select * from {{ ref('int_pair_relations') }}
),

known as (
    select * from {{ ref('int_models_known') }}
),

downloads as (
    select * from {{ ref('int_downloads_latest') }}
),

family_labels as (
    select * from {{ ref('family_labels') }}
),

download_tiers as (
    select * from {{ ref('dim_download_tiers') }}
),

joined as (
    select
        pairs.study_id,
        base_models.model_id as base_model_id,
        derived_models.model_id as derived_model_id,
        coalesce(
            family_labels.family_label,
            nullif(split_part(base_models.model_id, '/', 2), ''),
            base_models.model_id
        ) as family_label,
        coalesce(pair_relations.lineage_relation, pairs.declared_relation, 'unknown') as relation,
        pairs.declared_relation,
        pair_relations.lineage_relation,
        coalesce(pair_relations.lineage_relation != pairs.declared_relation, false) as is_relation_disputed,
        pairs.origin,
        pairs.overlap_ratio,
        pairs.overlap_ratio is not null as is_valid,
        pairs.invalid_reason,
        pairs.prompt_count,
        pairs.bottom_k,
        coalesce(pairs.base_downloads, base_downloads.downloads) as base_downloads,
        coalesce(pairs.derived_downloads, derived_downloads.downloads) as derived_downloads,
        pairs.is_tokenizer_match
    from pairs
    inner join known as base_models
        on pairs.base_key = base_models.model_key
    inner join known as derived_models
        on pairs.derived_key = derived_models.model_key
    left join pair_relations
        on
            pairs.base_key = pair_relations.base_key
            and pairs.derived_key = pair_relations.derived_key
    left join downloads as base_downloads
        on pairs.base_key = base_downloads.model_key
    left join downloads as derived_downloads
        on pairs.derived_key = derived_downloads.model_key
    left join family_labels
        on pairs.base_key = lower(family_labels.base_model_id)
),

final as (
    select
        joined.study_id,
        joined.base_model_id,
        joined.derived_model_id,
        joined.family_label,
        joined.relation,
        joined.declared_relation,
        joined.lineage_relation,
        joined.is_relation_disputed,
        joined.origin,
        joined.overlap_ratio,
        joined.is_valid,
        joined.invalid_reason,
        joined.prompt_count,
        joined.bottom_k,
        joined.base_downloads,
        joined.derived_downloads,
        download_tiers.download_tier,
        download_tiers.quality,
        download_tiers.quality_weight,
        download_tiers.confidence,
        joined.overlap_ratio * download_tiers.confidence as lineage_score,
        joined.is_tokenizer_match
    from joined
    left join download_tiers
        on {{ is_in_download_tier('joined.derived_downloads', 'download_tiers') }}
)

select * from final
