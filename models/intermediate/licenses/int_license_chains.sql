{{ config(materialized='view') }}

with

walks as (
    select * from {{ ref('int_lineage_walks') }}
),

models as (
    select
        model_hash,
        {{ stated_license('license', 'is_license_known') }} as license
    from {{ ref('int_models_summarized') }}
),

pairs as (
    select * from {{ ref('int_license_pairs_judged') }}
),

chains as (
    select
        walks.model_hash,
        walks.ancestor_hash,
        walks.distance,
        walks.is_root,
        models.license,
        pairs.ancestor_license,
        pairs.outcome,
        pairs.rule,
        pairs.reason,
        pairs.source_url
    from walks
    inner join models
        on walks.model_hash = models.model_hash
    inner join models as ancestors
        on walks.ancestor_hash = ancestors.model_hash
    inner join pairs
        on
            ancestors.license = pairs.ancestor_license
            and models.license = pairs.license
)

select * from chains
