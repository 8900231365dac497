with

walks as (
    select * from {{ ref('int_lineage_walks') }}
),

downloads as (
    select * from {{ ref('int_downloads_latest') }}
),

known as (
    select * from {{ ref('int_models_known') }}
),

-- All but the descendants of merges have one root, which needs no ranking.
single_roots as (
    select
        model_hash,
        ancestor_hash as root_hash,
        distance,
        weight,
        true as is_primary
    from walks
    where
        is_root
        and weight > 1 - 1e-9
),

shared_roots as (
    select
        model_hash,
        ancestor_hash as root_hash,
        distance,
        weight
    from walks
    where
        is_root
        and weight <= 1 - 1e-9
),

ranked as (
    select
        shared_roots.model_hash,
        shared_roots.root_hash,
        shared_roots.distance,
        shared_roots.weight,
        row_number() over (
            partition by shared_roots.model_hash
            order by
                round(shared_roots.weight, 9) desc,
                shared_roots.distance asc,
                coalesce(downloads.downloads, -1) desc,
                lower(known.model_id) asc
        ) = 1 as is_primary
    from shared_roots
    inner join known
        on shared_roots.root_hash = known.model_hash
    left join downloads
        on shared_roots.root_hash = downloads.model_hash
),

united as (
    select * from single_roots
    union all
    select * from ranked
)

select * from united
