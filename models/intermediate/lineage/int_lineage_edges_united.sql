with

parents as (
    select * from {{ ref('int_parents_declared') }}
),

models as (
    select * from {{ ref('int_models_latest') }}
),

united as (
    select
        parent_hash,
        model_hash as child_hash,
        min(parent_id) as parent_written_id,
        min(created_at) as child_created_at,
        bit_or(relation_flags) as relation_flags,
        bit_or(declared_by_flags) as declared_by_flags
    from parents
    where
        is_well_formed
        and parent_hash != model_hash
    group by parent_hash, model_hash
),

-- Several relations to one parent: the most particular one leads. None: the Hub's own default, a fine-tune.
related as (
    select
        united.parent_hash,
        united.child_hash,
        united.parent_written_id,
        case
            when {{ has_flag('united.relation_flags', 'quantized', lineage_relations()) }} then 'quantized'
            when {{ has_flag('united.relation_flags', 'adapter', lineage_relations()) }} then 'adapter'
            when {{ has_flag('united.relation_flags', 'merge', lineage_relations()) }} then 'merge'
            else 'finetune'
        end as relation,
        {{ flags_text('united.relation_flags', lineage_relations()) }} as declared_relations,
        united.relation_flags = 0 as is_relation_assumed,
        {{ flags_text('united.declared_by_flags', lineage_sources()) }} as declared_by,
        models.created_at as parent_created_at,
        united.child_created_at
    from united
    left join models
        on united.parent_hash = models.model_hash
)

select * from related
