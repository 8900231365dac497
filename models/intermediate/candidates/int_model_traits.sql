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

sizes as (
    select * from {{ ref('int_model_sizes') }}
),

traits as (
    select
        paired.model_key,
        known.model_id,
        {{ repository_name('known.model_id') }} as repository_name,
        -- Where nothing is counted, the name tells; where counts contradict each other or the name, nothing does. An
        -- adapter works with all of its base, of which its files hold nothing.
        case
            when
                coalesce(types.model_type, 'base') != 'adapter'
                and (coalesce(sizes.is_disputed, false) or sizes.parameter_count is not null)
                then cast(sizes.parameter_count as double)
            when {{ named_size_spread('known.model_id') }} = 1 then {{ params_from_name('known.model_id') }}
        end as size_params,
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
    left join sizes
        on known.model_hash = sizes.model_hash
)

select * from traits
