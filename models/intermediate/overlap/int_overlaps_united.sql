with

measured as (
    select * from {{ ref('int_overlaps_measured') }}
),

imported as (
    select * from {{ ref('int_overlaps_imported') }}
),

united as (
    select
        study_id,
        base_key,
        derived_key,
        base_model_id,
        derived_model_id,
        overlap_ratio,
        prompt_count,
        bottom_k,
        invalid_reason,
        is_tokenizer_match,
        js_divergence,
        shared_rank_correlation,
        is_identical_weights,
        cast(null as bigint) as base_downloads,
        cast(null as bigint) as derived_downloads,
        cast(null as string) as declared_relation,
        'measured' as origin
    from measured
    union all
    select
        imported.study_id,
        imported.base_key,
        imported.derived_key,
        imported.base_model_id,
        imported.derived_model_id,
        imported.overlap_ratio,
        imported.prompt_count,
        imported.bottom_k,
        imported.invalid_reason,
        cast(null as boolean) as is_tokenizer_match,
        cast(null as double) as js_divergence,
        cast(null as double) as shared_rank_correlation,
        cast(null as boolean) as is_identical_weights,
        imported.base_downloads,
        imported.derived_downloads,
        imported.declared_relation,
        'imported' as origin
    from imported
    left join measured
        on
            imported.study_id = measured.study_id
            and imported.base_key = measured.base_key
            and imported.derived_key = measured.derived_key
    where measured.derived_key is null
),

hashed as (
    select
        *,
        {{ model_hash('base_key') }} as base_hash,
        {{ model_hash('derived_key') }} as derived_hash
    from united
)

select * from hashed
