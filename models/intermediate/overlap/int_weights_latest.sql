with

fingerprints as (
    select * from {{ ref('stg_overlap__fingerprints') }}
    where weights_digest is not null
),

-- A run asks a model for many answers with the same files.
files_seen as (
    select
        model_key,
        model_hash,
        sha,
        weights_format,
        weights_digest,
        loaded_at,
        run_id,
        min(prompt_set_id) as prompt_set_id
    from fingerprints
    group by model_key, model_hash, sha, weights_format, weights_digest, loaded_at, run_id
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
            order by loaded_at desc, run_id desc, prompt_set_id asc, weights_digest asc, sha asc
        ) as recency
    from files_seen
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
