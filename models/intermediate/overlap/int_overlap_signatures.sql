with

answers as (
    select * from {{ ref('int_answers_paired') }}
    where set_digest is not null
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
        answers.prompt_index as part,
        answers.set_digest as signature,
        1 as n_values,
        pairs.overlap_ratio
    from pairs
    inner join answers
        on
            pairs.study_id = answers.study_id
            and pairs.base_key = answers.base_key
            and pairs.derived_key = answers.derived_key
    where
        pairs.origin = 'measured'
        and pairs.overlap_ratio is not null
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
