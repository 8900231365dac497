{#-
    The roots of every model that lineage knows, with weights that sum to 1 a model; a model with no parent is its
    own root.
-#}
with

walks as (
    select * from {{ ref('int_lineage_walks') }}
),

known as (
    select * from {{ ref('int_models_known') }}
),

downloads as (
    select * from {{ ref('int_downloads_latest') }}
),

own_roots as (
    select
        model_key,
        model_key as root_key,
        0 as distance,
        cast(1 as double) as weight,
        true as is_primary
    from known
    where
        is_in_lineage
        and model_key not in (select walks.model_key from walks)
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
    select * from own_roots
    union all
    select * from single_roots
    union all
    select * from ranked
)

select * from united
