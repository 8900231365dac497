with

paired as (
    select * from {{ ref('int_models_paired') }}
),

roots as (
    select * from {{ ref('int_model_roots_weighted') }}
    where is_primary
),

known as (
    select * from {{ ref('int_models_known') }}
),

rooted as (
    select
        paired.model_key,
        coalesce(lower(known.model_id), paired.model_key) as root_key
    from paired
    left join roots
        on paired.model_hash = roots.model_hash
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
