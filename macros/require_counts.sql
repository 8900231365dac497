{#-
    Stop with one sentence where a fingerprint was stored and not counted: an older version measured it, or the
    counting was interrupted. Every overlap is made from these counts. What is looked for is what
    `extract/overlap/counting.py` would do; a test holds the two together.
-#}
{% macro require_counts() -%}
    {%- if execute and flags.WHICH in ('run', 'build') -%}
        {%- set counts = source('raw', 'fingerprint_counts') -%}
        {%- set is_missing = adapter.get_relation(counts.database, counts.schema, counts.identifier) is none -%}
        {%- if is_missing or run_query(modelkin.uncounted_fingerprints()).rows | length -%}
            {{ exceptions.raise_compiler_error(
                "The warehouse " ~ env_var('MODELKIN_DB', 'data/modelkin.duckdb') ~ " holds fingerprints whose overlaps"
                ~ " were not counted yet. Run `modelkin extract count-overlaps` once (`modelkin build` and `make build` do)."
            ) }}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}

{#- One row where a measured fingerprint lacks its counts, or those against a set of its base; else none. -#}
{% macro uncounted_fingerprints() -%}
    with

    runs as (
        select run_id from {{ source('raw', 'extract_runs') }}
        where status = 'complete'
    ),

    measured as (
        select
            run_id,
            model_id,
            prompt_set_id,
            prompt_index
        from {{ source('raw', 'fingerprints') }}
        where
            run_id in (select runs.run_id from runs)
            and status = 'ok'
            and prompt_index is not null
            and bottom_k is not null
    ),

    counts as (
        select
            run_id,
            model_id,
            prompt_set_id,
            prompt_index,
            set_digest,
            base_digest,
            bottom_k
        from {{ source('raw', 'fingerprint_counts') }}
    ),

    prompt_sets as (
        select distinct
            prompt_set_id,
            lower(base_model_id) as base_key,
            cast({{ json_text('recipe', 'bottom_k') }} as int) as bottom_k
        from {{ source('raw', 'overlap_prompts') }}
        where run_id in (select runs.run_id from runs)
    ),

    base_sets as (
        select distinct
            counts.prompt_set_id,
            counts.prompt_index,
            prompt_sets.bottom_k,
            counts.set_digest
        from counts
        inner join prompt_sets
            on
                counts.prompt_set_id = prompt_sets.prompt_set_id
                and lower(counts.model_id) = prompt_sets.base_key
        where prompt_sets.bottom_k > 0
    )

    select 1
    from measured
    left join base_sets
        on
            measured.prompt_set_id = base_sets.prompt_set_id
            and measured.prompt_index = base_sets.prompt_index
    left join counts
        on
            measured.run_id = counts.run_id
            and measured.model_id = counts.model_id
            and measured.prompt_set_id = counts.prompt_set_id
            and measured.prompt_index = counts.prompt_index
            and coalesce(base_sets.set_digest, '') = coalesce(counts.base_digest, '')
            and coalesce(base_sets.bottom_k, 0) = coalesce(counts.bottom_k, 0)
    where counts.run_id is null
    limit 1
{%- endmacro %}
