with

answers as (
    select * from {{ ref('int_answers_paired') }}
),

weights as (
    select * from {{ ref('int_weights_latest') }}
),

-- No two ids of a set share a place, so Spearman's rho is 1 - 6 D / (n (n^2 - 1)).
scored as (
    select
        *,
        cast(n_shared as double) / nullif(bottom_k, 0) as prompt_overlap,
        case
            when n_shared >= 3
                then
                    1
                    - 6 * cast(squared_rank_gaps as double)
                    / (n_shared * (cast(n_shared as double) * n_shared - 1))
        end as rank_correlation
    from answers
),

-- The prompts of a pair are added up in no order. Rounded, the means of equal overlaps are equal in every build.
grouped as (
    select
        study_id,
        base_key,
        derived_key,
        max(base_model_id) as base_model_id,
        max(derived_model_id) as derived_model_id,
        round({{ exact_mean('prompt_overlap') }}, 12) as overlap_ratio,
        count(prompt_overlap) as prompt_count,
        max(bottom_k) as bottom_k,
        case
            when count(prompt_overlap) = 0 then coalesce(max(failure_reason), 'no_prompts_in_common')
        end as invalid_reason,
        max(base_tokenizer_hash) = max(derived_tokenizer_hash) as is_tokenizer_match,
        round(avg(js_divergence), 15) as js_divergence,
        {{ exact_mean('rank_correlation') }} as shared_rank_correlation
    from scored
    group by study_id, base_key, derived_key
),

measured as (
    select
        grouped.*,
        derived_weights.weights_key = base_weights.weights_key as is_identical_weights
    from grouped
    left join weights as derived_weights
        on grouped.derived_key = derived_weights.model_key
    left join weights as base_weights
        on grouped.base_key = base_weights.model_key
)

select * from measured
