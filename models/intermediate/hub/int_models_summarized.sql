with

models as (
    select * from {{ ref('int_models_latest') }}
),

unobserved as (
    select * from {{ ref('int_models_unobserved') }}
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

known as (
    select
        model_hash,
        true as is_observed,
        true as is_in_lineage,
        created_at,
        license,
        tags_from is null or tags_from != '' as is_license_known
    from models
    union all
    select
        model_hash,
        false as is_observed,
        is_in_lineage,
        null as created_at,
        null as license,
        false as is_license_known
    from unobserved
),

primary_roots as (
    select
        model_hash,
        root_hash,
        distance
    from roots
    where is_primary
),

summarized as (
    select
        known.model_hash,
        known.is_observed,
        known.is_in_lineage,
        case
            when known.is_observed or types.n_parents > 0 then coalesce(types.model_type, 'base')
            else 'unknown'
        end as model_type,
        types.declared_types,
        coalesce(types.n_parents, 0) as n_parents,
        -- Null for a model that is its own root.
        primary_roots.root_hash as inherited_root_hash,
        coalesce(primary_roots.distance, case when known.is_in_lineage then 0 end) as depth,
        known.created_at,
        known.license,
        known.is_license_known,
        downloads.downloads,
        downloads.likes,
        downloads.first_observed_on,
        downloads.last_observed_on
    from known
    left join types
        on known.model_hash = types.model_hash
    left join primary_roots
        on known.model_hash = primary_roots.model_hash
    left join downloads
        on known.model_hash = downloads.model_hash
)

select * from summarized
