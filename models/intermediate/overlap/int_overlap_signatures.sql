with

prompt_sets as (
    select * from {{ ref('int_prompt_sets_latest') }}
),

fingerprints as (
    select * from {{ ref('int_fingerprints_latest') }}
),

pairs as (
    select * from {{ ref('int_overlaps_united') }}
),

imported as (
    select * from {{ ref('int_overlaps_imported') }}
),

from_measured as (
    select
        pairs.study_id,
        pairs.base_key,
        pairs.derived_key,
        fingerprints.prompt_index as part,
        md5(cast(fingerprints.bottom_k_token_ids as string)) as signature,
        1 as n_values,
        pairs.overlap_ratio
    from pairs
    inner join prompt_sets
        on
            pairs.study_id = prompt_sets.study_id
            and pairs.base_key = prompt_sets.base_key
    inner join fingerprints
        on
            prompt_sets.prompt_set_id = fingerprints.prompt_set_id
            and pairs.derived_key = fingerprints.model_key
    where
        pairs.origin = 'measured'
        and pairs.overlap_ratio is not null
        and fingerprints.bottom_k_token_ids is not null
),

from_imported as (
    select
        pairs.study_id,
        pairs.base_key,
        pairs.derived_key,
        0 as part,
        case
            when imported.prompt_count > 0 then cast(imported.pair_scores as string)
            else cast(imported.overlap_ratio as string)
        end as signature,
        case when imported.prompt_count > 0 then imported.prompt_count else 1 end as n_values,
        pairs.overlap_ratio
    from pairs
    inner join imported
        on
            pairs.study_id = imported.study_id
            and pairs.base_key = imported.base_key
            and pairs.derived_key = imported.derived_key
    where
        pairs.origin = 'imported'
        and pairs.overlap_ratio is not null
),

united as (
    select * from from_measured
    union all
    select * from from_imported
)

select * from united
