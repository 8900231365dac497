{{ config(materialized='view') }}

with

features as (
    select * from {{ ref('int_tag_features') }}
),

profiles as (
    select
        model_hash,
        min(feature) as first_language,
        min(feature) != max(feature) as is_multilingual
    from features
    where feature_kind = 'language'
    group by model_hash
)

select * from profiles
