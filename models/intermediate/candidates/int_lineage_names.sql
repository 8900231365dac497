with

candidates as (
    select
        study_id,
        derived_key,
        candidate_key
    from {{ ref('int_lineage_overlaps') }}
),

weighed_words as (
    select * from {{ ref('int_name_words_weighed') }}
),

name_weights as (
    select
        study_id,
        model_key,
        count(*) as n_words,
        {{ exact_sum('weight') }} as weight
    from weighed_words
    group by study_id, model_key
),

shared as (
    select
        candidates.study_id,
        candidates.derived_key,
        candidates.candidate_key,
        count(*) as n_shared,
        {{ exact_sum('derived_words.weight') }} as weight
    from candidates
    inner join weighed_words as derived_words
        on
            candidates.study_id = derived_words.study_id
            and candidates.derived_key = derived_words.model_key
    inner join weighed_words as candidate_words
        on
            candidates.study_id = candidate_words.study_id
            and candidates.candidate_key = candidate_words.model_key
            and derived_words.word = candidate_words.word
    group by candidates.study_id, candidates.derived_key, candidates.candidate_key
),

compared as (
    select
        shared.study_id,
        shared.derived_key,
        shared.candidate_key,
        (
            shared.weight / (derived_names.weight + candidate_names.weight - shared.weight)
            + shared.weight / candidate_names.weight
        ) / 2 as name_similarity,
        shared.n_shared = derived_names.n_words as holds_derived,
        shared.n_shared = candidate_names.n_words as holds_candidate
    from shared
    inner join name_weights as derived_names
        on
            shared.study_id = derived_names.study_id
            and shared.derived_key = derived_names.model_key
    inner join name_weights as candidate_names
        on
            shared.study_id = candidate_names.study_id
            and shared.candidate_key = candidate_names.model_key
),

final as (
    select
        candidates.study_id,
        candidates.derived_key,
        candidates.candidate_key,
        coalesce(compared.name_similarity, 0) as name_similarity,
        coalesce(compared.holds_derived and not compared.holds_candidate, false) as is_name_continued,
        coalesce(compared.holds_derived and compared.holds_candidate, false) as is_same_name
    from candidates
    left join compared
        on
            candidates.study_id = compared.study_id
            and candidates.derived_key = compared.derived_key
            and candidates.candidate_key = compared.candidate_key
)

select * from final
