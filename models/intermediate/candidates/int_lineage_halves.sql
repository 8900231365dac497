{#-
    Which half of the families a model belongs to: rules and cuts were set on `train`, and `test` judges them. The half
    goes by a digest of the id of the model's primary root, so that a family is never on both sides, and so that a
    family is on the same side in every study. One row per model that a pair names.
-#}
with

models as (
    select * from {{ ref('int_model_traits') }}
),

roots as (
    select * from {{ ref('int_model_roots_weighted') }}
    where is_primary
),

known as (
    select * from {{ ref('int_models_known') }}
),

hashed as (
    select
        model_key,
        {{ model_hash('model_key') }} as model_hash
    from models
),

rooted as (
    select
        hashed.model_key,
        coalesce(lower(known.model_id), hashed.model_key) as root_key
    from hashed
    left join roots
        on hashed.model_hash = roots.model_hash
    left join known
        on roots.root_hash = known.model_hash
),

halved as (
    select
        model_key,
        root_key,
        case when substr(md5(root_key), 1, 1) in ('0', '1', '2', '3', '4', '5', '6', '7') then 'train' else 'test' end
            as half
    from rooted
)

select * from halved
