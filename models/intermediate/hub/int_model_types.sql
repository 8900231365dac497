with

edges as (
    select * from {{ ref('int_lineage_edges_united') }}
),

models as (
    select * from {{ ref('int_models_latest') }}
),

declared as (
    select
        child_hash as model_hash,
        count(*) as n_parents,
        max(case when coalesce(declared_relations, relation) like '%quantized%' then 1 else 0 end) = 1 as is_quantized,
        max(case when coalesce(declared_relations, relation) like '%adapter%' then 1 else 0 end) = 1 as is_adapter,
        max(case when coalesce(declared_relations, relation) like '%merge%' then 1 else 0 end) = 1 as is_merge,
        max(case when coalesce(declared_relations, relation) like '%finetune%' then 1 else 0 end) = 1 as is_finetune
    from edges
    group by child_hash
),

-- An imported network states the type of a model as well as its edges; that type comes first.
stated as (
    select
        model_hash,
        stated_type
    from models
    where stated_type is not null
),

typed as (
    select
        coalesce(declared.model_hash, stated.model_hash) as model_hash,
        coalesce(declared.n_parents, 0) as n_parents,
        case
            when stated.stated_type in ('base', 'finetune', 'quantized', 'adapter', 'merge') then stated.stated_type
            when stated.stated_type = 'finetuned' then 'finetune'
            when stated.stated_type = 'merged' then 'merge'
            when declared.is_quantized then 'quantized'
            when declared.is_adapter then 'adapter'
            when declared.is_merge then 'merge'
            when declared.is_finetune then 'finetune'
            else 'base'
        end as model_type,
        coalesce(
            nullif(
                concat_ws(
                    ',',
                    case when declared.is_adapter then 'adapter' end,
                    case when declared.is_finetune then 'finetune' end,
                    case when declared.is_merge then 'merge' end,
                    case when declared.is_quantized then 'quantized' end
                ),
                ''
            ),
            'base'
        ) as declared_types
    from declared
    full outer join stated
        on declared.model_hash = stated.model_hash
)

select * from typed
