with

candidates as (
    select
        study_id,
        derived_key,
        candidate_key
    from {{ ref('int_lineage_overlaps') }}
),

words as (
    select * from {{ ref('int_model_words') }}
),

members as (
    select
        study_id,
        derived_key as model_key
    from candidates
    union
    select
        study_id,
        candidate_key as model_key
    from candidates
),

member_words as (
    select
        members.study_id,
        members.model_key,
        words.word
    from members
    inner join words
        on members.model_key = words.model_key
),

study_sizes as (
    select
        study_id,
        count(*) as n_models
    from members
    group by study_id
),

word_weights as (
    select
        member_words.study_id,
        member_words.word,
        ln(1 + max(study_sizes.n_models) / cast(count(*) as double)) as weight
    from member_words
    inner join study_sizes
        on member_words.study_id = study_sizes.study_id
    group by member_words.study_id, member_words.word
),

weighed_words as (
    select
        member_words.study_id,
        member_words.model_key,
        member_words.word,
        word_weights.weight
    from member_words
    inner join word_weights
        on
            member_words.study_id = word_weights.study_id
            and member_words.word = word_weights.word
),

name_weights as (
    select
        study_id,
        model_key,
        count(*) as n_words,
        sum(weight) as weight
    from weighed_words
    group by study_id, model_key
),

shared as (
    select
        candidates.study_id,
        candidates.derived_key,
        candidates.candidate_key,
        count(*) as n_shared,
        sum(derived_words.weight) as weight
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
        shared.n_shared = derived_names.n_words and candidate_names.n_words > derived_names.n_words
            as is_name_continued
    from shared
    inner join name_weights as derived_names
        on
            shared.study_id = derived_names.study_id
            and shared.derived_key = derived_names.model_key
    inner join name_weights as candidate_names
        on
            shared.study_id = candidate_names.study_id
            and shared.candidate_key = candidate_names.model_key
)

select * from compared
