with

fingerprints as (
    select * from {{ ref('int_fingerprints_latest') }}
),

measured as (
    select
        model_key,
        prompt_set_id,
        bottom_k_token_ids,
        vocab_size,
        {{ list_size('bottom_k_token_ids') }} as set_size,
        {{ list_least('bottom_k_token_ids') }} as least_id,
        {{ list_greatest('bottom_k_token_ids') }} as greatest_id
    from fingerprints
    where
        is_measured
        and bottom_k_token_ids is not null
),

judged as (
    select
        model_key,
        prompt_set_id,
        max(
            case
                when greatest_id - least_id + 1 = set_size and (least_id = 0 or greatest_id = vocab_size - 1) then 1
                else 0
            end
        ) = 1 as has_run_of_ids,
        count(*) > 1 and count(distinct md5(cast(bottom_k_token_ids as string))) = 1 as is_constant
    from measured
    group by model_key, prompt_set_id
),

degenerate as (
    select * from judged
    where has_run_of_ids or is_constant
)

select * from degenerate
