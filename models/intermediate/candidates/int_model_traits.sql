{#-
    What is known of a model without measuring it: from its name, and from the Hub where it was observed. Only models
    that a pair names: patterns over the names of a whole Hub take longer than all of its lineage.
-#}
with

pairs as (
    select * from {{ ref('int_overlaps_united') }}
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

paired as (
    select base_key as model_key from pairs
    union
    select derived_key as model_key from pairs
),

paired_hashes as (
    select
        model_key,
        {{ model_hash('model_key') }} as model_hash
    from paired
),

traits as (
    select
        paired_hashes.model_key,
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
    inner join paired_hashes
        on known.model_hash = paired_hashes.model_hash
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
