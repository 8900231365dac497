with

models as (
    select * from {{ ref('dim_models') }}
),

features as (
    select * from {{ ref('int_tag_features') }}
),

ancestors as (
    select * from {{ ref('bridge_model_ancestors') }}
),

trained as (
    select
        model_id,
        feature as dataset
    from features
    where feature_kind = 'dataset'
),

reached as (
    select distinct
        trained.dataset,
        ancestors.model_id
    from trained
    inner join ancestors
        on trained.model_id = ancestors.ancestor_model_id
    left join trained as own
        on
            ancestors.model_id = own.model_id
            and trained.dataset = own.dataset
    where own.model_id is null
),

direct as (
    select
        trained.dataset,
        count(*) as n_models,
        cast(coalesce(sum(models.downloads), 0) as bigint) as downloads,
        min(models.created_at) as first_used_at
    from trained
    inner join models
        on trained.model_id = models.model_id
    group by trained.dataset
),

downstream as (
    select
        reached.dataset,
        count(*) as n_downstream_models,
        cast(coalesce(sum(models.downloads), 0) as bigint) as downstream_downloads
    from reached
    inner join models
        on reached.model_id = models.model_id
    group by reached.dataset
),

final as (
    select
        direct.dataset,
        direct.n_models,
        direct.downloads,
        coalesce(downstream.n_downstream_models, 0) as n_downstream_models,
        coalesce(downstream.downstream_downloads, 0) as downstream_downloads,
        direct.first_used_at
    from direct
    left join downstream
        on direct.dataset = downstream.dataset
)

select * from final
