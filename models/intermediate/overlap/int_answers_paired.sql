{{ config(
    materialized=incremental_or_table(),
    unique_key=['study_id', 'base_key', 'derived_key'],
    incremental_strategy='delete+insert',
    on_schema_change='fail',
    meta={'columns_added': ['run_finished_at', 'prompt_set_id']},
    pre_hook="{{ drop_superseded_prompt_sets(ref('int_prompt_sets_latest')) }}"
) }}

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

base_runs as (
    select
        prompt_sets.study_id,
        prompt_sets.base_key,
        max(fingerprints.run_finished_at) as run_finished_at
    from prompt_sets
    inner join fingerprints
        on
            prompt_sets.prompt_set_id = fingerprints.prompt_set_id
            and prompt_sets.base_key = fingerprints.model_key
    group by prompt_sets.study_id, prompt_sets.base_key
),

-- All rows of a pair have one time, of whatever came last: the prompts, the base's answers or the model's own. So an
-- update takes a pair whole or not at all.
derived_answers as (
    select
        prompt_sets.study_id,
        prompt_sets.base_key,
        prompt_sets.base_model_id,
        prompt_sets.bottom_k as study_bottom_k,
        fingerprints.*,
        greatest(
            fingerprints.run_finished_at,
            coalesce(prompt_sets.run_finished_at, fingerprints.run_finished_at),
            coalesce(base_runs.run_finished_at, fingerprints.run_finished_at)
        ) as pair_finished_at
    from prompt_sets
    inner join fingerprints
        on
            prompt_sets.prompt_set_id = fingerprints.prompt_set_id
            and prompt_sets.base_key != fingerprints.model_key
    left join base_runs
        on
            prompt_sets.study_id = base_runs.study_id
            and prompt_sets.base_key = base_runs.base_key
),

changed as (
    select * from derived_answers
    {% if is_incremental() %}
        where pair_finished_at > {{ last_run_held() }}
    {% endif %}
),

paired as (
    select
        changed.study_id,
        changed.base_key,
        changed.base_model_id,
        changed.model_key as derived_key,
        changed.model_id as derived_model_id,
        changed.prompt_set_id,
        changed.prompt_index,
        changed.is_measured,
        changed.failure_reason,
        changed.js_divergence,
        changed.set_digest,
        base.tokenizer_hash as base_tokenizer_hash,
        changed.tokenizer_hash as derived_tokenizer_hash,
        greatest(base.vocab_size, changed.vocab_size) as vocab_size,
        changed.study_bottom_k,
        cast(least(changed.study_bottom_k, base.set_size, changed.set_size) as int) as bottom_k,
        counts.n_shared_by_k,
        {{ list_last('counts.n_shared_by_k') }} as n_shared,
        counts.squared_rank_gaps,
        changed.pair_finished_at as run_finished_at
    from changed
    left join fingerprints as base
        on
            changed.prompt_set_id = base.prompt_set_id
            and changed.prompt_index = base.prompt_index
            and changed.base_key = base.model_key
    left join counts
        on
            changed.run_id = counts.run_id
            and changed.model_key = counts.model_key
            and changed.prompt_set_id = counts.prompt_set_id
            and changed.prompt_index = counts.prompt_index
            and base.set_digest = counts.base_digest
            and changed.study_bottom_k = counts.bottom_k
)

select * from paired
