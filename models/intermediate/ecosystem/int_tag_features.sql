with

observations as (
    select * from {{ ref('stg_hub__models') }}
),

languages as (
    select * from {{ ref('languages') }}
),

technique_words as (
    select * from {{ ref('technique_words') }}
),

superseded as (
    select * from {{ ref('int_observations_superseded') }}
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
        observations.model_hash,
        {{ unnested('observations.tags') }} as tag
    from observations
    left join superseded
        on
            observations.model_hash = superseded.model_hash
            and observations.run_id = superseded.run_id
    where superseded.model_hash is null
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
        observations.model_hash,
        {{ unnested(list_distinct(list_starting_with('observations.tags', 'dataset:'))) }} as tag
    from observations
    left join superseded
        on
            observations.model_hash = superseded.model_hash
            and observations.run_id = superseded.run_id
    where superseded.model_hash is null
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
