with

prompt_sets as (
    select * from {{ ref('int_prompt_sets_latest') }}
),

fingerprints as (
    select * from {{ ref('int_fingerprints_latest') }}
),

weights as (
    select * from {{ ref('int_weights_latest') }}
),

shared_ids as (
    select * from {{ ref('int_shared_ids_counted') }}
),

pairs as (
    select
        prompt_sets.study_id,
        prompt_sets.base_key,
        prompt_sets.base_model_id,
        derived.model_key as derived_key,
        derived.model_id as derived_model_id,
        derived.js_divergence,
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

shared_sets as (
    select
        study_id,
        base_key,
        derived_key,
        prompt_index,
        cast(sum(n_shared) as double) as n_shared,
        sum(squared_rank_gaps) as squared_rank_gaps
    from shared_ids
    group by study_id, base_key, derived_key, prompt_index
),

-- No two ids of a set share a place, so Spearman's rho is 1 - 6 D / (n (n^2 - 1)).
rank_correlations as (
    select
        study_id,
        base_key,
        derived_key,
        avg(1 - 6 * squared_rank_gaps / (n_shared * (n_shared * n_shared - 1))) as shared_rank_correlation
    from shared_sets
    where n_shared >= 3
    group by study_id, base_key, derived_key
),

grouped as (
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
        max(base_tokenizer_hash) = max(derived_tokenizer_hash) as is_tokenizer_match,
        avg(js_divergence) as js_divergence
    from scored
    group by study_id, base_key, derived_key
),

measured as (
    select
        grouped.*,
        rank_correlations.shared_rank_correlation,
        derived_weights.weights_key = base_weights.weights_key as is_identical_weights
    from grouped
    left join rank_correlations
        on
            grouped.study_id = rank_correlations.study_id
            and grouped.base_key = rank_correlations.base_key
            and grouped.derived_key = rank_correlations.derived_key
    left join weights as derived_weights
        on grouped.derived_key = derived_weights.model_key
    left join weights as base_weights
        on grouped.base_key = base_weights.model_key
)

select * from measured
