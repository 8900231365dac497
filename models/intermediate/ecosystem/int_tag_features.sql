with

models as (
    select * from {{ ref('int_models_observed') }}
),

languages as (
    select * from {{ ref('languages') }}
),

technique_words as (
    select * from {{ ref('technique_words') }}
),

dictionary as (
    select
        language as word,
        'language' as feature_kind,
        language as feature
    from languages
    union all
    select
        word,
        'technique' as feature_kind,
        technique as feature
    from technique_words
),

tags as (
    select
        model_hash,
        {{ unnested('tags') }} as tag
    from models
),

words as (
    select
        tags.model_hash,
        dictionary.feature_kind,
        dictionary.feature
    from tags
    inner join dictionary
        on tags.tag = dictionary.word
),

dataset_tags as (
    select
        model_hash,
        {{ unnested(list_distinct(list_starting_with('tags', 'dataset:'))) }} as tag
    from models
),

datasets as (
    select
        model_hash,
        'dataset' as feature_kind,
        substr(tag, length('dataset:') + 1) as feature
    from dataset_tags
    where length(tag) > length('dataset:')
),

united as (
    select * from words
    union all
    select * from datasets
)

select * from united
