{#- Every place where a model names a parent, as it was written: one row a statement. -#}
with

models as (
    select * from {{ ref('int_models_latest') }}
),

network_edges as (
    select * from {{ ref('stg_hub__edges') }}
),

tags as (
    select
        models.model_key,
        models.model_id,
        tag_list.tag
    from models
    {{ cross_join_unnest(list_starting_with('models.tags', 'base_model:'), 'tag_list', 'tag') }}
),

-- base_model:ID and base_model:RELATION:ID; an id holds no colon, so what stands before one is a relation.
tag_parents as (
    select
        model_key,
        model_id,
        case
            when tag like 'base\_model:finetune:%' escape '\' then 'finetune'
            when tag like 'base\_model:quantized:%' escape '\' then 'quantized'
            when tag like 'base\_model:adapter:%' escape '\' then 'adapter'
            when tag like 'base\_model:merge:%' escape '\' then 'merge'
        end as relation,
        substr(tag, length('base_model:') + 1) as remainder
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
        models.model_key,
        models.model_id,
        parents.parent.id as parent_id,
        parents.parent.relation,
        'api' as declared_by
    from models
    {{ cross_join_unnest('models.base_models', 'parents', 'parent') }}
),

from_cards as (
    select
        models.model_key,
        models.model_id,
        parents.parent_id,
        {{ json_text('models.card_data', 'base_model_relation') }} as relation,
        'card' as declared_by
    from models
    {{ cross_join_unnest(json_text_list('models.card_data', 'base_model'), 'parents', 'parent_id') }}
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
