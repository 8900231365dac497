{{ config(materialized='view') }}

with

models as (
    select * from {{ ref('int_models_latest') }}
),

technique_words as (
    select * from {{ ref('technique_words') }}
),

name_words as (
    select
        model_hash,
        {{ unnested(split_list("replace(" ~ repository_name('model_id') ~ ", '_', '-')", '-')) }} as word
    from models
),

found as (
    select distinct
        name_words.model_hash,
        technique_words.technique
    from name_words
    inner join technique_words
        on name_words.word = technique_words.word
)

select * from found
