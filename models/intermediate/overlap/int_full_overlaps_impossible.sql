with

pairs as (
    select * from {{ ref('int_overlaps_united') }}
),

traits as (
    select * from {{ ref('int_model_traits') }}
),

full_overlaps as (
    select
        pairs.study_id,
        pairs.base_key,
        pairs.derived_key
    from pairs
    inner join traits as base_traits
        on pairs.base_key = base_traits.model_key
    inner join traits as derived_traits
        on pairs.derived_key = derived_traits.model_key
    where
        pairs.overlap_ratio = 1
        and (
            not pairs.is_tokenizer_match
            or (
                pairs.is_tokenizer_match is null
                and greatest(base_traits.size_params, derived_traits.size_params)
                > {{ var('size_ratio_same') }} * least(base_traits.size_params, derived_traits.size_params)
            )
        )
),

both_ways as (
    select
        study_id,
        base_key as model_key,
        derived_key as partner_key
    from full_overlaps
    union
    select
        study_id,
        derived_key as model_key,
        base_key as partner_key
    from full_overlaps
),

counted as (
    select
        study_id,
        model_key,
        partner_key,
        count(*) over (partition by study_id, model_key) as n_partners
    from both_ways
)

select * from counted
