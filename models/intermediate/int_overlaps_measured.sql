{#-
    The overlap of every model with the base whose prompts it answered, from the stored bottom-k sets. k is the
    study's own, or the shorter set where a vocabulary ends before it.
-#}
with

prompt_sets as (
    select * from {{ ref('int_prompt_sets_latest') }}
),

fingerprints as (
    select * from {{ ref('int_fingerprints_latest') }}
),

pairs as (
    select
        prompt_sets.study_id,
        prompt_sets.base_key,
        prompt_sets.base_model_id,
        derived.model_key as derived_key,
        derived.model_id as derived_model_id,
        derived.is_measured,
        derived.failure_reason,
        derived.tokenizer_hash as derived_tokenizer_hash,
        base.tokenizer_hash as base_tokenizer_hash,
        base.bottom_k_token_ids as base_token_ids,
        derived.bottom_k_token_ids as derived_token_ids,
        cast(
            least(
                prompt_sets.bottom_k,
                {{ list_size('base.bottom_k_token_ids') }},
                {{ list_size('derived.bottom_k_token_ids') }}
            ) as int
        ) as bottom_k
    from prompt_sets
    inner join fingerprints as derived
        on prompt_sets.prompt_set_id = derived.prompt_set_id
    left join fingerprints as base
        on
            derived.prompt_set_id = base.prompt_set_id
            and derived.prompt_index = base.prompt_index
            and prompt_sets.base_key = base.model_key
    where derived.model_key != prompt_sets.base_key
),

scored as (
    select
        *,
        case
            when is_measured and base_token_ids is not null and bottom_k > 0
                then
                    cast(
                        {{ list_shared_size(
                            list_prefix('base_token_ids', 'bottom_k'), list_prefix('derived_token_ids', 'bottom_k')
                        ) }} as double
                    ) / bottom_k
        end as prompt_overlap
    from pairs
),

measured as (
    select
        study_id,
        base_key,
        derived_key,
        max(base_model_id) as base_model_id,
        max(derived_model_id) as derived_model_id,
        avg(prompt_overlap) as overlap_ratio,
        count(prompt_overlap) as prompt_count,
        max(bottom_k) as bottom_k,
        case
            when count(prompt_overlap) = 0 then coalesce(max(failure_reason), 'no_prompts_in_common')
        end as invalid_reason,
        max(base_tokenizer_hash) = max(derived_tokenizer_hash) as is_tokenizer_match
    from scored
    group by study_id, base_key, derived_key
)

select * from measured
