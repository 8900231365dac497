-- The studies in the order of the report: real before synthetic, then those with downloads, then by valid pairs.
with

studies as (
    select
        pairs.study_id,
        pairs.study_id = 'minihub' or coalesce(bool_or(runs.is_synthetic), false) as is_synthetic,
        count(*) as n_pairs,
        count(pairs.overlap_ratio) as n_valid,
        count(*) - count(pairs.overlap_ratio) as n_invalid,
        count(distinct pairs.family_label) as n_families,
        count(distinct pairs.derived_model_id) as n_derived_models,
        count(pairs.derived_downloads) as n_with_downloads,
        min(pairs.bottom_k) as min_bottom_k,
        max(pairs.bottom_k) as max_bottom_k,
        min(pairs.prompt_count) filter (where pairs.is_valid) as min_prompts,
        max(pairs.prompt_count) filter (where pairs.is_valid) as max_prompts
    from marts.fct_overlaps as pairs
    left join marts.dim_models as models
        on pairs.derived_model_id = models.model_id
    left join marts.fct_extract_runs as runs
        on models.run_id = runs.run_id
    group by pairs.study_id
)

select
    *,
    n_invalid / n_pairs as share_invalid
from studies
order by is_synthetic, n_with_downloads > 0 desc, n_valid desc, study_id
