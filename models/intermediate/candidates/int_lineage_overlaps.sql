with

pairs as (
    select * from {{ ref('int_overlaps_united') }}
    where overlap_ratio is not null
),

pairs_suspected as (
    select * from {{ ref('int_pairs_suspected') }}
),

formats as (
    select * from {{ ref('int_model_formats') }}
),

both_ways as (
    select
        pairs.study_id,
        pairs.derived_key,
        pairs.base_key as candidate_key,
        pairs.overlap_ratio as overlap,
        reversed.overlap_ratio as reverse_overlap,
        (pairs.overlap_ratio + coalesce(reversed.overlap_ratio, pairs.overlap_ratio)) / 2 as symmetric_overlap,
        pairs.is_tokenizer_match,
        pairs_suspected.is_meaningless
    from pairs
    inner join pairs_suspected
        on
            pairs.study_id = pairs_suspected.study_id
            and pairs.base_key = pairs_suspected.base_key
            and pairs.derived_key = pairs_suspected.derived_key
    left join pairs as reversed
        on
            pairs.study_id = reversed.study_id
            and pairs.base_key = reversed.derived_key
            and pairs.derived_key = reversed.base_key
),

-- A pair measured both ways is two rows with one symmetric overlap; either side counts it once per model.
sides as (
    select
        study_id,
        derived_key as model_key,
        candidate_key as other_key,
        symmetric_overlap
    from both_ways
    where not is_meaningless
    union
    select
        study_id,
        candidate_key as model_key,
        derived_key as other_key,
        symmetric_overlap
    from both_ways
    where not is_meaningless
),

marked_sides as (
    select
        sides.study_id,
        sides.model_key,
        sides.symmetric_overlap,
        case when not other_formats.is_converted then sides.symmetric_overlap end as with_original,
        case when not (formats.is_converted or other_formats.is_converted) then sides.symmetric_overlap end
            as between_originals
    from sides
    inner join formats
        on sides.model_key = formats.model_key
    inner join formats as other_formats
        on sides.other_key = other_formats.model_key
),

-- Where all others are copies, they are all there is to compare with.
model_means as (
    select
        study_id,
        model_key,
        coalesce({{ exact_mean('with_original') }}, {{ exact_mean('symmetric_overlap') }}) as mean_overlap
    from marked_sides
    group by study_id, model_key
),

study_means as (
    select
        study_id,
        coalesce({{ exact_mean('between_originals') }}, {{ exact_mean('symmetric_overlap') }}) as mean_overlap
    from marked_sides
    group by study_id
),

corrected as (
    select
        both_ways.study_id,
        both_ways.derived_key,
        both_ways.candidate_key,
        both_ways.overlap,
        both_ways.reverse_overlap,
        both_ways.symmetric_overlap,
        case
            when not both_ways.is_meaningless
                then
                    both_ways.symmetric_overlap
                    - derived_means.mean_overlap
                    - candidate_means.mean_overlap
                    + study_means.mean_overlap
        end as corrected_overlap,
        both_ways.is_tokenizer_match
    from both_ways
    left join model_means as derived_means
        on
            both_ways.study_id = derived_means.study_id
            and both_ways.derived_key = derived_means.model_key
    left join model_means as candidate_means
        on
            both_ways.study_id = candidate_means.study_id
            and both_ways.candidate_key = candidate_means.model_key
    left join study_means
        on both_ways.study_id = study_means.study_id
)

select * from corrected
