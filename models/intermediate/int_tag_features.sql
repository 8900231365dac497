{#-
    The languages, training datasets and techniques that a model's tags name. One row a model, kind and tag: two
    tags may name one technique.
-#}
with

models as (
    select * from {{ ref('int_models_latest') }}
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
        model_id,
        {{ unnested(list_distinct('tags')) }} as tag
    from models
),

found as (
    select
        tags.model_id,
        coalesce(dictionary.feature_kind, 'dataset') as feature_kind,
        coalesce(dictionary.feature, substr(tags.tag, length('dataset:') + 1)) as feature
    from tags
    left join dictionary
        on tags.tag = dictionary.word
    where
        dictionary.word is not null
        or tags.tag like 'dataset:_%'
)

select * from found
