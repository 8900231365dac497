{#- One row a parent and child, whoever declared it; self-loops and ids that no model can have are left out. -#}
with

parents as (
    select * from {{ ref('int_parents_declared') }}
),

models as (
    select * from {{ ref('int_models_latest') }}
),

usable as (
    select * from parents
    where
        is_well_formed
        and parent_key != model_key
),

united as (
    select
        parent_key,
        model_key as child_key,
        min(parent_id) as parent_written_id,
        min(model_id) as child_written_id,
        max(case when relation = 'merge' then 1 else 0 end) as n_merge,
        max(case when relation = 'adapter' then 1 else 0 end) as n_adapter,
        max(case when relation = 'quantized' then 1 else 0 end) as n_quantized,
        max(case when relation = 'finetune' then 1 else 0 end) as n_finetune,
        max(case when declared_by = 'api' then 1 else 0 end) as n_api,
        max(case when declared_by = 'card' then 1 else 0 end) as n_card,
        max(case when declared_by = 'import' then 1 else 0 end) as n_import,
        max(case when declared_by = 'tag' then 1 else 0 end) as n_tag
    from usable
    group by parent_key, model_key
),

-- Several relations to one parent: the most particular one leads. None: the Hub's own default, a fine-tune.
related as (
    select
        united.parent_key,
        united.child_key,
        united.parent_written_id,
        united.child_written_id,
        case
            when united.n_quantized = 1 then 'quantized'
            when united.n_adapter = 1 then 'adapter'
            when united.n_merge = 1 then 'merge'
            else 'finetune'
        end as relation,
        nullif(
            concat_ws(
                ',',
                case when united.n_adapter = 1 then 'adapter' end,
                case when united.n_finetune = 1 then 'finetune' end,
                case when united.n_merge = 1 then 'merge' end,
                case when united.n_quantized = 1 then 'quantized' end
            ),
            ''
        ) as declared_relations,
        united.n_merge + united.n_adapter + united.n_quantized + united.n_finetune = 0 as is_relation_assumed,
        concat_ws(
            ',',
            case when united.n_api = 1 then 'api' end,
            case when united.n_card = 1 then 'card' end,
            case when united.n_import = 1 then 'import' end,
            case when united.n_tag = 1 then 'tag' end
        ) as declared_by,
        parent_models.created_at as parent_created_at,
        child_models.created_at as child_created_at
    from united
    left join models as parent_models
        on united.parent_key = parent_models.model_key
    left join models as child_models
        on united.child_key = child_models.model_key
)

select * from related
