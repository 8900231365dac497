with

pairs as (
    select * from {{ ref('int_overlaps_united') }}
),

impossible as (
    select * from {{ ref('int_full_overlaps_impossible') }}
),

impossible_models as (
    select distinct
        study_id,
        model_key
    from impossible
    where n_partners >= 2
),

-- A model that agrees in full with two broken ones is broken as they are, whatever its size.
full_overlaps_with_broken as (
    select
        pairs.study_id,
        pairs.derived_key as model_key,
        pairs.base_key as broken_key
    from pairs
    inner join impossible_models
        on
            pairs.study_id = impossible_models.study_id
            and pairs.base_key = impossible_models.model_key
    where pairs.overlap_ratio = 1
    union
    select
        pairs.study_id,
        pairs.base_key as model_key,
        pairs.derived_key as broken_key
    from pairs
    inner join impossible_models
        on
            pairs.study_id = impossible_models.study_id
            and pairs.derived_key = impossible_models.model_key
    where pairs.overlap_ratio = 1
),

broken as (
    select
        study_id,
        model_key
    from impossible_models
    union
    select
        study_id,
        model_key
    from full_overlaps_with_broken
    group by study_id, model_key
    having count(*) >= 2
)

select * from broken
