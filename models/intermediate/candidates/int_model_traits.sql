with

paired as (
    select * from {{ ref('int_models_paired') }}
),

known as (
    select * from {{ ref('int_models_known') }}
),

models as (
    select * from {{ ref('int_models_observed') }}
),

types as (
    select * from {{ ref('int_model_types') }}
),

traits as (
    select
        paired.model_key,
        known.model_id,
        {{ repository_name('known.model_id') }} as repository_name,
        nullif(cast(models.parameter_count as double), 0) as counted_params,
        {{ params_from_name('known.model_id') }} as named_params,
        models.architecture is not null and models.architecture not in ('', 'unknown') as is_architecture_known,
        models.architecture,
        models.created_at,
        -- A parent's name in a tag says nothing of this model.
        {{ list_not_starting_with('models.tags', 'base_model:') }} as tags,
        models.library_name,
        models.pipeline_tag,
        types.model_type,
        {{ is_named_after_owner('known.model_id') }} as is_named_after_owner
    from known
    inner join paired
        on known.model_hash = paired.model_hash
    left join models
        on known.model_hash = models.model_hash
    left join types
        on known.model_hash = types.model_hash
),

-- Two sources that contradict each other leave the size unknown: one wrong count would speak against every relative.
sized as (
    select
        model_key,
        model_id,
        repository_name,
        case
            when
                greatest(counted_params, named_params)
                <= {{ var('size_ratio_same') }} * least(counted_params, named_params)
                or counted_params is null
                or named_params is null
                then coalesce(counted_params, named_params)
        end as size_params,
        is_architecture_known,
        architecture,
        created_at,
        tags,
        library_name,
        pipeline_tag,
        model_type,
        is_named_after_owner
    from traits
)

select * from sized
