with

pairs as (
    select * from {{ ref('int_overlaps_united') }}
),

pair_relations as (
    select * from {{ ref('int_pair_relations') }}
),

pairs_suspected as (
    select * from {{ ref('int_pairs_suspected') }}
),

pairs_disputed as (
    select * from {{ ref('int_pairs_disputed') }}
),

known as (
    select * from {{ ref('int_models_known') }}
),

models as (
    select * from {{ ref('dim_models') }}
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

base_keys as (
    select distinct
        study_id,
        base_key,
        base_hash
    from pairs
),

-- Two bases of one name (a model and its re-upload) keep their owners, or their pairs would be added up.
families as (
    select
        base_keys.study_id,
        base_keys.base_key,
        coalesce(
            family_labels.family_label,
            case
                when count(*) over (partition by base_keys.study_id, split_part(base_keys.base_key, '/', 2)) = 1
                    then nullif(split_part(known.model_id, '/', 2), '')
            end,
            known.model_id
        ) as family_label
    from base_keys
    inner join known
        on base_keys.base_hash = known.model_hash
    left join family_labels
        on base_keys.base_key = lower(family_labels.base_model_id)
),

joined as (
    select
        pairs.study_id,
        base_models.model_id as base_model_id,
        derived_models.model_id as derived_model_id,
        families.family_label,
        coalesce(pair_relations.lineage_relation, pairs.declared_relation, 'unknown') as relation,
        pairs.declared_relation,
        pair_relations.lineage_relation,
        pairs_disputed.is_relation_disputed,
        pairs_disputed.is_disputed,
        pairs_disputed.dispute_reason,
        pairs.origin,
        pairs.overlap_ratio,
        pairs.overlap_ratio is not null as is_valid,
        pairs.invalid_reason,
        pairs.prompt_count,
        pairs.bottom_k,
        coalesce(pairs.base_downloads, base_downloads.downloads) as base_downloads,
        coalesce(pairs.derived_downloads, derived_downloads.downloads) as derived_downloads,
        pairs.is_tokenizer_match,
        pairs.js_divergence,
        pairs.shared_rank_correlation,
        pairs.is_identical_weights,
        pairs_suspected.is_suspect,
        pairs_suspected.suspect_reason,
        copy_groups.model_id as copy_group_id,
        pairs_suspected.is_copy_of_another,
        pairs_suspected.is_counted
    from pairs
    inner join pairs_suspected
        on
            pairs.study_id = pairs_suspected.study_id
            and pairs.base_key = pairs_suspected.base_key
            and pairs.derived_key = pairs_suspected.derived_key
    inner join pairs_disputed
        on
            pairs.study_id = pairs_disputed.study_id
            and pairs.base_key = pairs_disputed.base_key
            and pairs.derived_key = pairs_disputed.derived_key
    left join known as copy_groups
        on {{ model_hash('pairs_suspected.copy_group_key') }} = copy_groups.model_hash
    inner join families
        on
            pairs.study_id = families.study_id
            and pairs.base_key = families.base_key
    inner join known as base_models
        on pairs.base_hash = base_models.model_hash
    inner join known as derived_models
        on pairs.derived_hash = derived_models.model_hash
    left join pair_relations
        on
            pairs.base_key = pair_relations.base_key
            and pairs.derived_key = pair_relations.derived_key
    left join downloads as base_downloads
        on pairs.base_hash = base_downloads.model_hash
    left join downloads as derived_downloads
        on pairs.derived_hash = derived_downloads.model_hash
),

final as (
    select
        joined.*,
        download_tiers.download_tier,
        download_tiers.quality,
        download_tiers.quality_weight,
        download_tiers.confidence,
        joined.overlap_ratio * download_tiers.confidence as lineage_score,
        models.model_type as derived_model_type,
        models.author as derived_author,
        models.country as derived_country
    from joined
    inner join models
        on joined.derived_model_id = models.model_id
    left join download_tiers
        on {{ is_in_download_tier('joined.derived_downloads', 'download_tiers') }}
)

-- In a fixed order, so that sums over the pairs round alike in every build.
select * from final
order by study_id, base_model_id, derived_model_id
