with

pairs as (
    select * from {{ ref('int_overlaps_united') }}
),

pair_relations as (
    select * from {{ ref('int_pair_relations') }}
),

weights as (
    select * from {{ ref('int_weights_latest') }}
),

formats as (
    select * from {{ ref('int_model_formats') }}
),

related as (
    select
        pairs.study_id,
        pairs.base_key,
        pairs.derived_key,
        coalesce(pair_relations.lineage_relation, pairs.declared_relation) = 'different' as is_different,
        pair_relations.lineage_relation != pairs.declared_relation as is_relation_disputed,
        coalesce(pairs.is_identical_weights, base_weights.weights_key = derived_weights.weights_key)
            as is_identical_weights,
        {{ is_named_as_reupload(
            'pairs.base_key', 'pairs.derived_key', 'base_formats.contents', 'derived_formats.contents'
        ) }}
        or {{ is_named_as_reupload(
            'pairs.derived_key', 'pairs.base_key', 'derived_formats.contents', 'base_formats.contents'
        ) }} as is_reupload
    from pairs
    inner join formats as base_formats
        on pairs.base_key = base_formats.model_key
    inner join formats as derived_formats
        on pairs.derived_key = derived_formats.model_key
    left join pair_relations
        on
            pairs.base_key = pair_relations.base_key
            and pairs.derived_key = pair_relations.derived_key
    left join weights as base_weights
        on pairs.base_hash = base_weights.model_hash
    left join weights as derived_weights
        on pairs.derived_hash = derived_weights.model_hash
),

reasoned as (
    select
        study_id,
        base_key,
        derived_key,
        coalesce(is_relation_disputed, false) as is_relation_disputed,
        nullif(
            concat_ws(
                ',',
                case when is_relation_disputed then 'lineage' end,
                case when is_different and is_reupload then 'same_name' end,
                case when is_different and is_identical_weights then 'identical_weights' end
            ),
            ''
        ) as dispute_reason
    from related
),

judged as (
    select
        study_id,
        base_key,
        derived_key,
        is_relation_disputed,
        dispute_reason is not null as is_disputed,
        dispute_reason
    from reasoned
)

select * from judged
