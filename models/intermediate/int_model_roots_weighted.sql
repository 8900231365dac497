{#-
    The roots of every model that lineage knows, with weights that sum to 1 a model; a model with no parent is its
    own root.
-#}
with

walks as (
    select * from {{ ref('int_lineage_walks') }}
),

models as (
    select * from {{ ref('int_models_latest') }}
),

edges as (
    select * from {{ ref('int_lineage_edges_united') }}
),

downloads as (
    select * from {{ ref('int_downloads_latest') }}
),

known_models as (
    select model_key from models
    union
    select parent_key as model_key from edges
    union
    select child_key as model_key from edges
),

descended as (
    select distinct model_key from walks
),

roots as (
    select
        model_key,
        ancestor_key as root_key,
        distance,
        weight
    from walks
    where is_root
    union all
    select
        known_models.model_key,
        known_models.model_key as root_key,
        0 as distance,
        cast(1 as double) as weight
    from known_models
    left join descended
        on known_models.model_key = descended.model_key
    where descended.model_key is null
),

ranked as (
    select
        roots.model_key,
        roots.root_key,
        roots.distance,
        roots.weight,
        row_number() over (
            partition by roots.model_key
            order by
                round(roots.weight, 9) desc,
                roots.distance asc,
                coalesce(downloads.downloads, -1) desc,
                roots.root_key asc
        ) = 1 as is_primary
    from roots
    left join downloads
        on roots.root_key = downloads.model_key
)

select * from ranked
