{{ config(
    materialized=incremental_or_table(),
    unique_key=['study_id', 'base_key', 'derived_key'],
    incremental_strategy='delete+insert',
    on_schema_change='fail',
    meta={'columns_added': ['run_finished_at', 'prompt_set_id']},
    pre_hook="{{ drop_superseded_prompt_sets(ref('int_answers_paired')) }}"
) }}

with

answers as (
    select * from {{ ref('int_answers_paired') }}
    {% if is_incremental() %}
        where run_finished_at > {{ last_run_held() }}
    {% endif %}
),

swept as (
    select
        study_id,
        base_key,
        derived_key,
        prompt_set_id,
        run_finished_at,
        study_bottom_k,
        bottom_k,
        vocab_size,
        {{ list_size('n_shared_by_k') }} as n_ks,
        {{ unnested_with_place('n_shared_by_k', 'n_shared', 'place') }}
    from answers
),

sized as (
    select
        study_id,
        base_key,
        derived_key,
        prompt_set_id,
        run_finished_at,
        case when place = n_ks - 1 then study_bottom_k else cast(pow(2, place) as int) end as k,
        n_shared,
        cast(least(pow(2, place), bottom_k) as double) as set_size,
        vocab_size
    from swept
),

-- The prompts of a pair are added up in no order. Rounded, the means of equal overlaps are equal in every build.
averaged as (
    select
        study_id,
        base_key,
        derived_key,
        prompt_set_id,
        k,
        round({{ exact_mean('n_shared / nullif(set_size, 0)') }}, 12) as overlap_ratio,
        {{ exact_mean('set_size / nullif(vocab_size, 0)') }} as chance_overlap,
        max(run_finished_at) as run_finished_at
    from sized
    group by study_id, base_key, derived_key, prompt_set_id, k
)

select * from averaged
