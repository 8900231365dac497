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

-- Numbers stand for the long keys: millions of ids are joined and sorted by them.
answers as (
    select
        prompt_sets.study_id,
        prompt_sets.base_key,
        derived.model_key as derived_key,
        derived.prompt_index,
        dense_rank() over (
            order by prompt_sets.study_id asc, prompt_sets.base_key asc, derived.prompt_index asc
        ) as base_answer_number,
        row_number() over (
            order by prompt_sets.study_id asc, prompt_sets.base_key asc, derived.prompt_index asc, derived.model_key asc
        ) as answer_number,
        least(
            prompt_sets.bottom_k,
            {{ list_size('base.bottom_k_token_ids') }},
            {{ list_size('derived.bottom_k_token_ids') }}
        ) as bottom_k,
        base.bottom_k_token_ids as base_token_ids,
        derived.bottom_k_token_ids as derived_token_ids
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

base_answers as (
    select
        base_answer_number,
        max(base_token_ids) as token_ids
    from answers
    group by base_answer_number
),

base_ids as (
    select
        base_answer_number,
        {{ unnested_with_place('token_ids', 'token_id', 'place') }}
    from base_answers
),

derived_ids as (
    select
        answer_number,
        base_answer_number,
        bottom_k,
        {{ unnested_with_place('derived_token_ids', 'token_id', 'place') }}
    from answers
),

shared as (
    select
        derived_ids.answer_number,
        derived_ids.bottom_k,
        base_ids.place as base_place,
        derived_ids.place as derived_place,
        greatest(base_ids.place, derived_ids.place) + 1 as reach
    from derived_ids
    inner join base_ids
        on
            derived_ids.base_answer_number = base_ids.base_answer_number
            and derived_ids.token_id = base_ids.token_id
    where
        derived_ids.place < derived_ids.bottom_k
        and base_ids.place < derived_ids.bottom_k
),

ranked as (
    select
        answer_number,
        least(cast(pow(2, ceil(log2(reach))) as int), bottom_k) as depth,
        row_number() over (partition by answer_number order by base_place) as base_rank,
        row_number() over (partition by answer_number order by derived_place) as derived_rank
    from shared
),

depths as (
    select
        answer_number,
        depth,
        count(*) as n_shared,
        cast(sum((base_rank - derived_rank) * (base_rank - derived_rank)) as double) as squared_rank_gaps
    from ranked
    group by answer_number, depth
),

counted as (
    select
        answers.study_id,
        answers.base_key,
        answers.derived_key,
        answers.prompt_index,
        depths.depth,
        depths.n_shared,
        depths.squared_rank_gaps
    from depths
    inner join answers
        on depths.answer_number = answers.answer_number
)

select * from counted
