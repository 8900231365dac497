{#- A view: a list of tags is unfolded where it is asked for, and stored once. -#}
{{ config(materialized=view_or_table()) }}

with

models as (
    select * from {{ ref('int_models_observed') }}
),

languages as (
    select * from {{ ref('languages') }}
),

tagged as (
    select
        model_id,
        {{ unnested(list_distinct('tags')) }} as tag
    from models
),

final as (
    select
        tagged.model_id,
        tagged.tag,
        case
            when tagged.tag like '_%:%' then split_part(tagged.tag, ':', 1)
            when languages.language is not null then 'language'
            else 'word'
        end as tag_kind,
        case
            when tagged.tag like '_%:%' then substr(tagged.tag, length(split_part(tagged.tag, ':', 1)) + 2)
            else tagged.tag
        end as tag_value
    from tagged
    left join languages
        on tagged.tag = languages.language
)

select * from final
