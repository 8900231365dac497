{{ config(materialized='view') }}

with

walks as (
    select * from {{ ref('int_lineage_walks') }}
),

models as (
    select * from {{ ref('int_models_latest') }}
),

unobserved as (
    select * from {{ ref('int_models_unobserved') }}
),

stated as (
    select
        model_hash,
        architecture
    from models
    where architecture is not null
),

unstated as (
    select model_hash
    from models
    where architecture is null
    union all
    select model_hash from unobserved
),

candidates as (
    select
        walks.model_hash,
        stated.architecture,
        walks.distance,
        walks.weight
    from walks
    inner join unstated
        on walks.model_hash = unstated.model_hash
    inner join stated
        on walks.ancestor_hash = stated.model_hash
),

ranked as (
    select
        model_hash,
        architecture,
        distance,
        row_number() over (
            partition by model_hash
            order by distance asc, weight desc, architecture asc
        ) as place
    from candidates
),

inferred as (
    select
        model_hash,
        architecture,
        distance
    from ranked
    where place = 1
)

select * from inferred
