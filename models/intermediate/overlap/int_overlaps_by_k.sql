with

prompt_sets as (
    select * from {{ ref('int_prompt_sets_latest') }}
),

fingerprints as (
    select * from {{ ref('int_fingerprints_latest') }}
    where
        is_measured
        and bottom_k_token_ids is not null
),

shared_ids as (
    select * from {{ ref('int_shared_ids_counted') }}
),

exponents as (
    {{ whole_numbers(0, 30, 'exponent') }}
),

grid as (
    select
        prompt_sets.study_id,
        prompt_sets.base_key,
        cast(pow(2, exponents.exponent) as int) as k
    from prompt_sets
    inner join exponents
        on pow(2, exponents.exponent) < prompt_sets.bottom_k
    union all
    select
        study_id,
        base_key,
        cast(bottom_k as int) as k
    from prompt_sets
    where bottom_k > 0
),

answers as (
    select
        prompt_sets.study_id,
        prompt_sets.base_key,
        derived.model_key as derived_key,
        derived.prompt_index,
        greatest(base.vocab_size, derived.vocab_size) as vocab_size,
        least(
            {{ list_size('base.bottom_k_token_ids') }},
            {{ list_size('derived.bottom_k_token_ids') }}
        ) as set_size
    from prompt_sets
    inner join fingerprints as base
        on
            prompt_sets.prompt_set_id = base.prompt_set_id
            and prompt_sets.base_key = base.model_key
    inner join fingerprints as derived
        on
            base.prompt_set_id = derived.prompt_set_id
            and base.prompt_index = derived.prompt_index
    where derived.model_key != prompt_sets.base_key
),

swept as (
    select
        answers.study_id,
        answers.base_key,
        answers.derived_key,
        answers.prompt_index,
        grid.k,
        cast(least(grid.k, min(answers.set_size)) as double) as set_size,
        min(answers.vocab_size) as vocab_size,
        coalesce(sum(shared_ids.n_shared), 0) as n_shared
    from answers
    inner join grid
        on
            answers.study_id = grid.study_id
            and answers.base_key = grid.base_key
    left join shared_ids
        on
            answers.study_id = shared_ids.study_id
            and answers.base_key = shared_ids.base_key
            and answers.derived_key = shared_ids.derived_key
            and answers.prompt_index = shared_ids.prompt_index
            and grid.k >= shared_ids.depth
    group by
        answers.study_id,
        answers.base_key,
        answers.derived_key,
        answers.prompt_index,
        grid.k
),

averaged as (
    select
        study_id,
        base_key,
        derived_key,
        k,
        avg(n_shared / nullif(set_size, 0)) as overlap_ratio,
        avg(set_size / nullif(vocab_size, 0)) as chance_overlap
    from swept
    group by study_id, base_key, derived_key, k
)

select * from averaged
