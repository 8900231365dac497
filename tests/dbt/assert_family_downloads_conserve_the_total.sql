{#-
    The downloads of all families sum to the downloads of all models that lineage knows: a merge is shared
    between its families, never counted twice. Every figure by family relies on it. When it fails, look for models
    whose weights in bridge_model_roots do not sum to 1 (assert_root_weights_sum_to_one).
-#}
with

families as (
    select * from {{ ref('dim_families') }}
),

models as (
    select * from {{ ref('dim_models') }}
),

family_totals as (
    select coalesce(sum(downloads_weighted), 0) as downloads from families
),

model_totals as (
    select coalesce(sum(downloads), 0) as downloads
    from models
    where is_in_lineage
),

compared as (
    select
        family_totals.downloads as family_downloads,
        model_totals.downloads as model_downloads
    from family_totals
    cross join model_totals
    where abs(family_totals.downloads - cast(model_totals.downloads as double)) >= 0.5
)

select * from compared
