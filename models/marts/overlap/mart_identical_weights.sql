with

weights as (
    select * from {{ ref('int_weights_latest') }}
),

models as (
    select * from {{ ref('dim_models') }}
),

walks as (
    select * from {{ ref('int_lineage_walks') }}
),

-- A model whose creation is not known cannot be shown to have come first.
placed as (
    select
        weights.weights_key,
        weights.weights_digest,
        weights.weights_format,
        weights.model_hash,
        models.model_id,
        models.created_at,
        models.downloads,
        models.is_observed,
        count(*) over (partition by weights.weights_key) as n_models,
        row_number() over (
            partition by weights.weights_key
            order by
                case when models.created_at is null then 1 else 0 end,
                models.created_at asc,
                models.downloads desc nulls last,
                models.model_id asc
        ) as group_place,
        lead(models.created_at) over (
            partition by weights.weights_key
            order by
                case when models.created_at is null then 1 else 0 end,
                models.created_at asc,
                models.downloads desc nulls last,
                models.model_id asc
        ) as next_created_at
    from weights
    inner join models
        on weights.model_key = lower(models.model_id)
),

groups as (
    select * from placed
    where n_models > 1
),

declared as (
    select distinct members.model_id
    from groups as members
    inner join groups as others
        on
            members.weights_key = others.weights_key
            and members.model_id != others.model_id
    inner join walks
        on
            (members.model_hash = walks.model_hash and others.model_hash = walks.ancestor_hash)
            or (others.model_hash = walks.model_hash and members.model_hash = walks.ancestor_hash)
),

final as (
    select
        firsts.model_id as first_model_id,
        groups.model_id,
        groups.weights_digest,
        groups.weights_format,
        cast(groups.group_place as bigint) as group_place,
        groups.n_models,
        groups.created_at,
        -- Of two dates that are the same, as the Hub's earliest one is for many, none comes first.
        groups.group_place = 1
        and groups.created_at is not null
        and groups.created_at != coalesce(groups.next_created_at, cast('9999-12-31' as timestamp)) as is_first_created,
        groups.downloads,
        declared.model_id is not null as is_declared
    from groups
    inner join groups as firsts
        on
            groups.weights_key = firsts.weights_key
            and firsts.group_place = 1
    left join declared
        on groups.model_id = declared.model_id
)

select * from final
