with

known as (
    select * from {{ ref('int_models_known') }}
),

models as (
    select * from {{ ref('int_models_latest') }}
),

types as (
    select * from {{ ref('int_model_types') }}
),

roots as (
    select * from {{ ref('int_model_roots_weighted') }}
),

downloads as (
    select * from {{ ref('int_downloads_latest') }}
),

download_tiers as (
    select * from {{ ref('dim_download_tiers') }}
),

inferred_architectures as (
    select * from {{ ref('int_architectures_inferred') }}
),

primary_roots as (
    select * from roots
    where is_primary
),

final as (
    select
        known.model_id,
        coalesce(models.author, case when known.model_id like '%/%' then split_part(known.model_id, '/', 1) end)
            as author,
        case
            when known.is_observed or types.n_parents > 0 then coalesce(types.model_type, 'base')
            else 'unknown'
        end as model_type,
        types.declared_types,
        root_models.model_id as primary_root_id,
        primary_roots.distance as depth,
        coalesce(types.n_parents, 0) as n_parents,
        known.is_observed,
        known.is_in_lineage,
        models.created_at,
        models.last_modified_at,
        downloads.downloads,
        downloads.likes,
        download_tiers.download_tier,
        models.pipeline_tag,
        models.library_name,
        substr({{ list_first(list_starting_with('models.tags', 'license:')) }}, length('license:') + 1) as license,
        coalesce(models.architecture, inferred_architectures.architecture) as architecture,
        inferred_architectures.architecture is not null as is_architecture_inferred,
        models.parameter_count,
        models.gated,
        models.sha,
        downloads.first_observed_on,
        downloads.last_observed_on,
        models.run_id
    from known
    left join models
        on known.model_key = models.model_key
    left join types
        on known.model_key = types.model_key
    left join primary_roots
        on known.model_key = primary_roots.model_key
    left join known as root_models
        on primary_roots.root_key = root_models.model_key
    left join downloads
        on known.model_key = downloads.model_key
    left join inferred_architectures
        on known.model_key = inferred_architectures.model_key
    left join download_tiers
        on {{ is_in_download_tier('downloads.downloads', 'download_tiers') }}
)

select * from final
