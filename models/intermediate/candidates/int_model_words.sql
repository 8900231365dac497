with

models as (
    select * from {{ ref('int_model_formats') }}
),

generic_name_words as (
    select * from {{ ref('generic_name_words') }}
),

listed as (
    select
        model_key,
        {{ name_words('plain_name') }} as words
    from models
),

words as (
    select distinct
        listed.model_key,
        word_list.word
    from listed
    {{ cross_join_unnest('listed.words', 'word_list', 'word') }}
),

marked as (
    select
        words.model_key,
        words.word,
        generic_name_words.word is not null as is_generic,
        sum(case when generic_name_words.word is null then 1 else 0 end) over (partition by words.model_key)
            as n_telling
    from words
    left join generic_name_words
        on words.word = generic_name_words.word
),

kept as (
    select
        model_key,
        word
    from marked
    where
        not is_generic
        or n_telling = 0
)

select * from kept
