{#- Every place where a model names a parent, as it was written: one row a statement. -#}
with

models as (
    select * from {{ ref('int_models_latest') }}
),

network_edges as (
    select * from {{ ref('stg_hub__edges') }}
),

-- The lists stand in columns of their own: engines take apart a column far faster than an expression.
parent_lists as (
    select
        model_key,
        model_id,
        {{ list_starting_with('tags', 'base_model:') }} as parent_tags,
        base_models,
        card_parents,
        card_relation
    from models
),

tags as (
    select
        parent_lists.model_key,
        parent_lists.model_id,
        substr(tag_list.tag, length('base_model:') + 1) as remainder
    from parent_lists
    {{ cross_join_unnest('parent_lists.parent_tags', 'tag_list', 'tag') }}
),

-- ID and RELATION:ID; an id holds no colon, so what stands before one is a relation.
tag_parents as (
    select
        model_key,
        model_id,
        remainder,
        case
            when remainder like 'finetune:%' then 'finetune'
            when remainder like 'quantized:%' then 'quantized'
            when remainder like 'adapter:%' then 'adapter'
            when remainder like 'merge:%' then 'merge'
        end as relation
    from tags
),

from_tags as (
    select
        model_key,
        model_id,
        case when relation is null then remainder else substr(remainder, length(relation) + 2) end as parent_id,
        relation,
        'tag' as declared_by
    from tag_parents
),

from_api as (
    select
        parent_lists.model_key,
        parent_lists.model_id,
        parents.parent.id as parent_id,
        parents.parent.relation as relation,  -- noqa: AL09
        'api' as declared_by
    from parent_lists
    {{ cross_join_unnest('parent_lists.base_models', 'parents', 'parent') }}
),

from_cards as (
    select
        parent_lists.model_key,
        parent_lists.model_id,
        parents.parent_id,
        parent_lists.card_relation as relation,
        'card' as declared_by
    from parent_lists
    {{ cross_join_unnest('parent_lists.card_parents', 'parents', 'parent_id') }}
),

from_networks as (
    select
        child_key as model_key,
        child_model_id as model_id,
        parent_model_id as parent_id,
        relation,
        'import' as declared_by
    from network_edges
),

united as (
    select * from from_tags
    union all
    select * from from_api
    union all
    select * from from_cards
    union all
    select * from from_networks
),

cleaned as (
    select distinct
        model_key,
        model_id,
        trim(parent_id) as parent_id,
        lower(trim(parent_id)) as parent_key,
        case when lower(relation) in ('finetune', 'quantized', 'adapter', 'merge') then lower(relation) end as relation,
        declared_by,
        {{ matches_fully('trim(parent_id)', '[A-Za-z0-9._-]{1,96}(/[A-Za-z0-9._-]{1,96})?') }} as is_well_formed
    from united
    where parent_id is not null
)

select * from cleaned
