{#- Every place where a model names a parent, as it was written: one row a statement, repeated or not. -#}
with

models as (
    select * from {{ ref('int_models_latest') }}
),

network_edges as (
    select * from {{ ref('stg_hub__edges') }}
),

tags as (
    select
        model_key,
        model_id,
        {{ unnested('parent_tags') }} as tag
    from models
),

tag_remainders as (
    select
        model_key,
        model_id,
        substr(tag, length('base_model:') + 1) as remainder
    from tags
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
    from tag_remainders
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

api_parents as (
    select
        model_key,
        model_id,
        {{ unnested('base_models') }} as parent
    from models
),

from_api as (
    select
        api_parents.model_key,
        api_parents.model_id,
        api_parents.parent.id as parent_id,
        api_parents.parent.relation as relation,  -- noqa: AL09
        'api' as declared_by
    from api_parents
),

from_cards as (
    select
        model_key,
        model_id,
        {{ unnested('card_parents') }} as parent_id,
        card_relation as relation,
        'card' as declared_by
    from models
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

trimmed as (
    select
        model_key,
        model_id,
        trim(parent_id) as parent_id,
        lower(relation) as relation,
        declared_by
    from united
    where parent_id is not null
),

-- The length is no part of the pattern: as {1,96} it takes ten times as long.
cleaned as (
    select
        model_key,
        model_id,
        parent_id,
        lower(parent_id) as parent_key,
        case when relation in ('finetune', 'quantized', 'adapter', 'merge') then relation end as relation,
        declared_by,
        {{ matches_fully('parent_id', '[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)?') }}
        and length({{ repository_name('parent_id') }}) <= 96 as is_well_formed
    from trimmed
)

select * from cleaned
