with

fingerprints as (
    select * from {{ ref('int_fingerprints_latest') }}
),

judged as (
    select
        model_key,
        prompt_set_id,
        max(
            case
                when
                    set_greatest - set_least + 1 = set_size
                    and (set_least = 0 or set_greatest = vocab_size - 1)
                    then 1
                else 0
            end
        ) = 1 as has_run_of_ids,
        count(*) > 1 and count(distinct set_digest) = 1 as is_constant
    from fingerprints
    where
        is_measured
        and set_digest is not null
    group by model_key, prompt_set_id
),

degenerate as (
    select * from judged
    where has_run_of_ids or is_constant
)

select * from degenerate
