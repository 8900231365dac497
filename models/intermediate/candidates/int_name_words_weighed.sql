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
)

select * from weighed_words
