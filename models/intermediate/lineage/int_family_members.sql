{{ config(materialized='view') }}

with

roots as (
    select * from {{ ref('int_model_roots_weighted') }}
),

members as (
    select
        root_hash,
        model_hash,
        weight
    from roots
    union all
    select distinct
        root_hash,
        root_hash as model_hash,
        1 as weight
    from roots
)

select * from members
