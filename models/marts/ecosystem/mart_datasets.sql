with

models as (
    select * from {{ ref('int_models_summarized') }}
),

features as (
    select * from {{ ref('int_tag_features') }}
),

walks as (
    select * from {{ ref('int_lineage_walks') }}
),

trained as (
    select
        model_hash,
        feature as dataset
    from features
    where feature_kind = 'dataset'
),

reached as (
    select distinct
        trained.dataset,
        walks.model_hash
    from trained
    inner join walks
        on trained.model_hash = walks.ancestor_hash
    left join trained as own
        on
            walks.model_hash = own.model_hash
            and trained.dataset = own.dataset
    where own.model_hash is null
),

direct as (
    select
        trained.dataset,
        count(*) as n_models,
        cast(sum(models.downloads) as bigint) as downloads,
        count(models.downloads) as n_with_downloads,
        min(models.created_at) as first_used_at
    from trained
    inner join models
        on trained.model_hash = models.model_hash
    group by trained.dataset
),

downstream as (
    select
        reached.dataset,
        count(*) as n_downstream_models,
        cast(sum(models.downloads) as bigint) as downstream_downloads,
        count(models.downloads) as n_with_downstream_downloads
    from reached
    inner join models
        on reached.model_hash = models.model_hash
    group by reached.dataset
),

final as (
    select
        direct.dataset,
        direct.n_models,
        direct.downloads,
        direct.n_with_downloads,
        coalesce(downstream.n_downstream_models, 0) as n_downstream_models,
        downstream.downstream_downloads,
        coalesce(downstream.n_with_downstream_downloads, 0) as n_with_downstream_downloads,
        direct.first_used_at
    from direct
    left join downstream
        on direct.dataset = downstream.dataset
)

select * from final
