with

models as (
    select * from {{ ref('int_models_summarized') }}
),

features as (
    select * from {{ ref('int_tag_features') }}
),

name_techniques as (
    select * from {{ ref('int_name_techniques') }}
),

technique_words as (
    select * from {{ ref('technique_words') }}
),

kinds as (
    select distinct
        technique,
        technique_kind
    from technique_words
),

used as (
    select
        model_hash,
        feature as technique,
        1 as is_tagged
    from features
    where feature_kind = 'technique'
    union all
    select
        model_hash,
        technique,
        0 as is_tagged
    from name_techniques
),

used_once as (
    select
        model_hash,
        technique,
        max(is_tagged) as is_tagged
    from used
    group by model_hash, technique
),

final as (
    select
        kinds.technique_kind,
        kinds.technique,
        count(*) as n_models,
        cast(sum(used_once.is_tagged) as bigint) as n_tagged,
        cast(sum(models.downloads) as bigint) as downloads,
        count(models.downloads) as n_with_downloads,
        cast(median(models.downloads) as double) as median_downloads,
        min(models.created_at) as first_created_at,
        max(models.created_at) as last_created_at
    from used_once
    inner join kinds
        on used_once.technique = kinds.technique
    inner join models
        on used_once.model_hash = models.model_hash
    group by kinds.technique_kind, kinds.technique
)

select * from final
