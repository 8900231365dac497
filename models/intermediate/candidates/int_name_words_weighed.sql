{#-
    The words of the names in a study with their weights: one row per study, model and word. Names stand without
    formats. A word counts by its rarity, ln(1 + n / n with it), over the names of the study: models of one name, as a
    re-upload or a copy in another format, count once.
-#}
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
        words.plain_name,
        words.word
    from members
    inner join words
        on members.model_key = words.model_key
),

study_sizes as (
    select
        study_id,
        count(distinct plain_name) as n_names
    from member_words
    group by study_id
),

word_weights as (
    select
        member_words.study_id,
        member_words.word,
        ln(1 + max(study_sizes.n_names) / cast(count(distinct member_words.plain_name) as double)) as weight
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
