with

fingerprints as (
    select * from {{ ref('stg_overlap__fingerprints') }}
    where weights_digest is not null
),

ranked as (
    select
        model_key,
        model_hash,
        sha,
        weights_format,
        weights_digest,
        case
            when weights_format like 'adapter on %' then concat(weights_digest, ' ', lower(weights_format))
            else weights_digest
        end as weights_key,
        row_number() over (
            partition by model_key
            order by loaded_at desc, run_id desc, prompt_set_id asc, prompt_index asc
        ) as recency
    from fingerprints
),

latest as (
    select
        model_key,
        model_hash,
        sha,
        weights_format,
        weights_digest,
        weights_key
    from ranked
    where recency = 1
)

select * from latest
