with

topics_found as (
    select * from {{ ref('int_card_topics_found') }}
),

models as (
    select * from {{ ref('int_models_summarized') }}
),

final as (
    select
        topics_found.topic,
        models.model_type,
        count(*) as n_cards,
        count(*) filter (where topics_found.is_mentioned) as n_mentioning,
        cast(count(*) filter (where topics_found.is_mentioned) as double) / count(*) as share_mentioning,
        cast(median(topics_found.n_characters) as double) as median_characters,
        cast(median(case when topics_found.is_mentioned then models.downloads end) as double)
            as median_downloads_mentioning,
        cast(median(case when not topics_found.is_mentioned then models.downloads end) as double)
            as median_downloads_silent
    from topics_found
    inner join models
        on topics_found.model_hash = models.model_hash
    group by topics_found.topic, models.model_type
)

select * from final
