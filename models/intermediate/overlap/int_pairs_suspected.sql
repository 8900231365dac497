with

pairs as (
    select * from {{ ref('int_overlaps_united') }}
),

imported as (
    select * from {{ ref('int_overlaps_imported') }}
),

prompt_sets as (
    select * from {{ ref('int_prompt_sets_latest') }}
),

degenerate as (
    select * from {{ ref('int_fingerprints_degenerate') }}
),

impossible as (
    select * from {{ ref('int_full_overlaps_impossible') }}
),

copies as (
    select * from {{ ref('int_model_copies') }}
),

broken_models as (
    select * from {{ ref('int_models_broken') }}
),

degenerate_in_study as (
    select distinct
        prompt_sets.study_id,
        prompt_sets.base_key,
        degenerate.model_key
    from degenerate
    inner join prompt_sets
        on degenerate.prompt_set_id = prompt_sets.prompt_set_id
),

gathered as (
    select
        pairs.study_id,
        pairs.base_key,
        pairs.derived_key,
        pairs.overlap_ratio is not null as is_valid,
        pairs.origin = 'measured'
        and (base_degenerate.model_key is not null or derived_degenerate.model_key is not null)
            as has_degenerate_sets,
        impossible.model_key is not null as is_full_overlap_impossible,
        base_broken.model_key is not null or derived_broken.model_key is not null as has_broken_model,
        coalesce(
            abs(pairs.overlap_ratio - reversed.overlap_ratio) > {{ var('direction_gap_above') }}, false
        ) as do_directions_differ,
        coalesce(
            pairs.origin = 'imported'
            and abs({{ list_mean('imported.pair_scores') }} - pairs.overlap_ratio) > {{ var('mean_tolerance') }},
            false
        ) as does_mean_disagree,
        -- Broken models all answer the same nonsense; that does not make them copies of each other.
        case when derived_broken.model_key is null then copies.copy_group_key end as copy_group_key
    from pairs
    left join imported
        on
            pairs.study_id = imported.study_id
            and pairs.base_key = imported.base_key
            and pairs.derived_key = imported.derived_key
    left join pairs as reversed
        on
            pairs.study_id = reversed.study_id
            and pairs.base_key = reversed.derived_key
            and pairs.derived_key = reversed.base_key
    left join impossible
        on
            pairs.study_id = impossible.study_id
            and pairs.base_key = impossible.model_key
            and pairs.derived_key = impossible.partner_key
            and pairs.overlap_ratio = 1
    left join broken_models as base_broken
        on
            pairs.study_id = base_broken.study_id
            and pairs.base_key = base_broken.model_key
    left join broken_models as derived_broken
        on
            pairs.study_id = derived_broken.study_id
            and pairs.derived_key = derived_broken.model_key
    left join degenerate_in_study as base_degenerate
        on
            pairs.study_id = base_degenerate.study_id
            and pairs.base_key = base_degenerate.base_key
            and pairs.base_key = base_degenerate.model_key
    left join degenerate_in_study as derived_degenerate
        on
            pairs.study_id = derived_degenerate.study_id
            and pairs.base_key = derived_degenerate.base_key
            and pairs.derived_key = derived_degenerate.model_key
    left join copies
        on
            pairs.study_id = copies.study_id
            and pairs.derived_key = copies.derived_key
),

-- A pair that failed is not a measurement, so there is nothing to suspect in it.
reasoned as (
    select
        study_id,
        base_key,
        derived_key,
        case when is_valid then copy_group_key end as copy_group_key,
        is_valid and coalesce(copy_group_key != derived_key, false) as is_copy_of_another,
        is_valid
        and (has_degenerate_sets or do_directions_differ or is_full_overlap_impossible or has_broken_model)
            as is_meaningless,
        case when is_valid then nullif(
            concat_ws(
                ',',
                case when copy_group_key != derived_key then 'copy_of_another' end,
                case when has_degenerate_sets then 'degenerate_sets' end,
                case when do_directions_differ then 'directions_differ' end,
                case when is_full_overlap_impossible then 'full_overlap_impossible' end,
                case when does_mean_disagree then 'mean_disagrees' end,
                case when has_broken_model then 'model_is_broken' end
            ),
            ''
        ) end as suspect_reason
    from gathered
),

switched as (
    select
        study_id,
        base_key,
        derived_key,
        suspect_reason is not null as is_suspect,
        suspect_reason,
        copy_group_key,
        is_copy_of_another,
        is_meaningless,
        {% if var('exclude_suspect_pairs') %}suspect_reason is null{% else %}true{% endif %} as is_counted
    from reasoned
)

select * from switched
