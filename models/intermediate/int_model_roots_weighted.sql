{#- The roots of every model that has parents, with weights that sum to 1 a model. -#}
with

walks as (
    select * from {{ ref('int_lineage_walks') }}
),

downloads as (
    select * from {{ ref('int_downloads_latest') }}
),

-- All but the descendants of merges have one root, which needs no ranking.
single_roots as (
    select
        model_key,
        ancestor_key as root_key,
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
        model_key,
        ancestor_key as root_key,
        distance,
        weight
    from walks
    where
        is_root
        and weight <= 1 - 1e-9
),

ranked as (
    select
        shared_roots.model_key,
        shared_roots.root_key,
        shared_roots.distance,
        shared_roots.weight,
        row_number() over (
            partition by shared_roots.model_key
            order by
                round(shared_roots.weight, 9) desc,
                shared_roots.distance asc,
                coalesce(downloads.downloads, -1) desc,
                shared_roots.root_key asc
        ) = 1 as is_primary
    from shared_roots
    left join downloads
        on shared_roots.root_key = downloads.model_key
),

united as (
    select * from single_roots
    union all
    select * from ranked
)

select * from united
