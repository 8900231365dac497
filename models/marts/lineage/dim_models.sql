with

observed as (
    select * from {{ ref('int_models_observed') }}
),

unobserved as (
    select * from {{ ref('int_models_unobserved') }}
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

models as (
    select
        model_key,
        model_id,
        author,
        true as is_observed,
        true as is_in_lineage,
        created_at,
        last_modified_at,
        pipeline_tag,
        library_name,
        license,
        architecture,
        parameter_count,
        gated,
        sha,
        run_id
    from observed
    union all
    select
        model_key,
        model_id,
        null as author,
        false as is_observed,
        is_in_lineage,
        null as created_at,
        null as last_modified_at,
        null as pipeline_tag,
        null as library_name,
        null as license,
        null as architecture,
        null as parameter_count,
        null as gated,
        null as sha,
        null as run_id
    from unobserved
),

final as (
    select
        models.model_id,
        coalesce(models.author, case when models.model_id like '%/%' then split_part(models.model_id, '/', 1) end)
            as author,
        case
            when models.is_observed or types.n_parents > 0 then coalesce(types.model_type, 'base')
            else 'unknown'
        end as model_type,
        types.declared_types,
        coalesce(inherited_roots.root_model_id, case when models.is_in_lineage then models.model_id end)
            as primary_root_id,
        coalesce(inherited_roots.distance, case when models.is_in_lineage then 0 end) as depth,
        coalesce(types.n_parents, 0) as n_parents,
        models.is_observed,
        models.is_in_lineage,
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
    from models
    left join types
        on models.model_key = types.model_key
    left join inherited_roots
        on models.model_id = inherited_roots.model_id
    left join downloads
        on models.model_key = downloads.model_key
    left join inferred_architectures
        on models.model_key = inferred_architectures.model_key
    left join download_tiers
        on {{ is_in_download_tier('downloads.downloads', 'download_tiers') }}
)

select * from final
