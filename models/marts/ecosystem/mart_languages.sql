with

models as (
    select * from {{ ref('int_models_summarized') }}
),

features as (
    select * from {{ ref('int_tag_features') }}
),

languages as (
    select * from {{ ref('languages') }}
),

profiles as (
    select * from {{ ref('int_language_profiles') }}
),

spoken as (
    select
        model_hash,
        first_language as language,
        true as is_only_language
    from profiles
    where not is_multilingual
    union all
    select distinct
        features.model_hash,
        features.feature as language,
        false as is_only_language
    from features
    inner join profiles
        on features.model_hash = profiles.model_hash
    where
        features.feature_kind = 'language'
        and profiles.is_multilingual
),

counted as (
    select
        spoken.language,
        count(*) as n_models,
        count(*) filter (where spoken.is_only_language) as n_monolingual_models,
        count(*) filter (where models.model_type = 'base') as n_base_models,
        cast(sum(models.downloads) as bigint) as downloads,
        count(models.downloads) as n_with_downloads,
        cast(median(models.downloads) as double) as median_downloads
    from spoken
    inner join models
        on spoken.model_hash = models.model_hash
    group by spoken.language
),

final as (
    select
        counted.language,
        languages.language_name,
        counted.n_models,
        counted.n_monolingual_models,
        counted.n_base_models,
        counted.downloads,
        counted.n_with_downloads,
        counted.median_downloads
    from counted
    inner join languages
        on counted.language = languages.language
)

select * from final
