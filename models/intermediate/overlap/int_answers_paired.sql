with

prompt_sets as (
    select * from {{ ref('int_prompt_sets_latest') }}
),

fingerprints as (
    select * from {{ ref('int_fingerprints_latest') }}
),

counts as (
    select * from {{ ref('stg_overlap__fingerprint_counts') }}
),

paired as (
    select
        prompt_sets.study_id,
        prompt_sets.base_key,
        prompt_sets.base_model_id,
        derived.model_key as derived_key,
        derived.model_id as derived_model_id,
        derived.prompt_index,
        derived.is_measured,
        derived.failure_reason,
        derived.js_divergence,
        derived.set_digest,
        base.tokenizer_hash as base_tokenizer_hash,
        derived.tokenizer_hash as derived_tokenizer_hash,
        greatest(base.vocab_size, derived.vocab_size) as vocab_size,
        prompt_sets.bottom_k as study_bottom_k,
        cast(least(prompt_sets.bottom_k, base.set_size, derived.set_size) as int) as bottom_k,
        counts.n_shared_by_k,
        {{ list_last('counts.n_shared_by_k') }} as n_shared,
        counts.squared_rank_gaps
    from prompt_sets
    inner join fingerprints as derived
        on prompt_sets.prompt_set_id = derived.prompt_set_id
    left join fingerprints as base
        on
            derived.prompt_set_id = base.prompt_set_id
            and derived.prompt_index = base.prompt_index
            and prompt_sets.base_key = base.model_key
    left join counts
        on
            derived.run_id = counts.run_id
            and derived.model_key = counts.model_key
            and derived.prompt_set_id = counts.prompt_set_id
            and derived.prompt_index = counts.prompt_index
            and base.set_digest = counts.base_digest
            and prompt_sets.bottom_k = counts.bottom_k
    where derived.model_key != prompt_sets.base_key
)

select * from paired
