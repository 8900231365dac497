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
    select * from {{ ref('bridge_model_roots') }}
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

-- Most models are their own roots, and need no look at the bridge.
inherited_roots as (
    select
        model_id,
        root_model_id,
        distance
    from roots
    where
        is_primary
        and distance > 0
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
        coalesce(inherited_roots.root_model_id, case when known.is_in_lineage then known.model_id end)
            as primary_root_id,
        coalesce(inherited_roots.distance, case when known.is_in_lineage then 0 end) as depth,
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
        models.license,
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
    left join inherited_roots
        on known.model_id = inherited_roots.model_id
    left join downloads
        on known.model_key = downloads.model_key
    left join inferred_architectures
        on known.model_key = inferred_architectures.model_key
    left join download_tiers
        on {{ is_in_download_tier('downloads.downloads', 'download_tiers') }}
)

select * from final
