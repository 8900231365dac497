with

models as (
    select * from {{ ref('dim_models') }}
),

features as (
    select * from {{ ref('int_tag_features') }}
),

languages as (
    select * from {{ ref('languages') }}
),

spoken as (
    select
        features.model_id,
        features.feature as language,
        count(*) over (partition by features.model_id) as n_languages
    from features
    where features.feature_kind = 'language'
),

counted as (
    select
        spoken.language,
        count(*) as n_models,
        count(*) filter (where spoken.n_languages = 1) as n_monolingual_models,
        count(*) filter (where models.model_type = 'base') as n_base_models,
        cast(coalesce(sum(models.downloads), 0) as bigint) as downloads,
        cast(median(models.downloads) as double) as median_downloads
    from spoken
    inner join models
        on spoken.model_id = models.model_id
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
        counted.median_downloads
    from counted
    inner join languages
        on counted.language = languages.language
)

select * from final
