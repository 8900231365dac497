with

cards as (
    select * from {{ ref('stg_hub__model_cards') }}
),

topics as (
    select * from {{ ref('card_topics') }}
),

ranked as (
    select
        model_hash,
        lower(body) as body,
        length(body) as n_characters,
        row_number() over (partition by model_hash order by fetched_at desc, run_id desc) as recency
    from cards
    where body is not null
),

latest as (
    select
        model_hash,
        body,
        n_characters
    from ranked
    where recency = 1
),

found as (
    select
        latest.model_hash,
        latest.n_characters,
        topics.topic,
        max(case when latest.body like '%' || topics.word || '%' then 1 else 0 end) = 1 as is_mentioned
    from latest
    cross join topics
    group by latest.model_hash, latest.n_characters, topics.topic
)

select * from found
