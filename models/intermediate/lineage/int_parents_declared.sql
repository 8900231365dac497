with

models as (
    select * from {{ ref('int_models_latest') }}
),

network_edges as (
    select * from {{ ref('stg_hub__edges') }}
),

tags as (
    select
        model_hash,
        created_at,
        {{ unnested('parent_tags') }} as tag
    from models
),

tag_remainders as (
    select
        model_hash,
        created_at,
        substr(tag, length('base_model:') + 1) as remainder
    from tags
),

tag_parents as (
    select
        model_hash,
        created_at,
        remainder,
        {{ relation_word('remainder') }} as relation_word
    from tag_remainders
),

from_tags as (
    select
        model_hash,
        created_at,
        case
            when relation_word is null then remainder
            else substr(remainder, length(split_part(remainder, ':', 1)) + 2)
        end as parent_id,
        lower(relation_word) as relation,
        'tag' as declared_by
    from tag_parents
),

api_parents as (
    select
        model_hash,
        created_at,
        {{ unnested('base_models') }} as parent
    from models
),

from_api as (
    select
        api_parents.model_hash,
        api_parents.created_at,
        api_parents.parent.id as parent_id,
        lower(api_parents.parent.relation) as relation,
        'api' as declared_by
    from api_parents
),

from_cards as (
    select
        model_hash,
        created_at,
        {{ unnested('card_parents') }} as parent_id,
        lower(card_relation) as relation,
        'card' as declared_by
    from models
),

from_networks as (
    select
        network_edges.child_hash as model_hash,
        models.created_at,
        network_edges.parent_model_id as parent_id,
        lower(network_edges.relation) as relation,
        'import' as declared_by
    from network_edges
    left join models
        on network_edges.child_hash = models.model_hash
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

-- People write several ids into one text, with commas between.
separated as (
    select
        model_hash,
        created_at,
        {{ unnested(split_list('parent_id', ',')) }} as parent_id,
        relation,
        declared_by
    from united
    where parent_id is not null
),

-- One statement of most parents comes from each place, so they are put together before anything else is done.
stated as (
    select
        model_hash,
        {{ parent_id_of('parent_id') }} as parent_id,
        min(created_at) as created_at,
        {{ flags_of('relation', lineage_relations()) }} as relation_flags,
        {{ flags_of('declared_by', lineage_sources()) }} as declared_by_flags
    from separated
    group by model_hash, {{ parent_id_of('parent_id') }}
),

cleaned as (
    select
        model_hash,
        created_at,
        parent_id,
        {{ model_hash('parent_id') }} as parent_hash,
        relation_flags,
        declared_by_flags,
        {{ is_parent_id('parent_id') }} as is_well_formed
    from stated
)

select * from cleaned
