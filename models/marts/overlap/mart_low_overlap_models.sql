with

pairs as (
    select * from {{ ref('fct_overlaps') }}
    where
        is_valid
        and relation = 'same'
        and overlap_ratio < {{ var('low_overlap_below') }}
),

categories as (
    select * from {{ ref('int_pair_categories') }}
),

models as (
    select * from {{ ref('dim_models') }}
),

final as (
    select
        pairs.study_id,
        pairs.base_model_id,
        pairs.derived_model_id,
        pairs.family_label,
        pairs.overlap_ratio,
        cast(row_number() over (
            partition by pairs.study_id, pairs.family_label
            order by pairs.overlap_ratio asc, pairs.derived_model_id asc
        ) as bigint) as overlap_order,
        coalesce(categories.category, 'uncategorised') as category,
        categories.match_on,
        categories.matched_text,
        pairs.derived_downloads,
        pairs.download_tier,
        models.pipeline_tag,
        models.architecture,
        models.is_observed,
        pairs.is_suspect,
        pairs.suspect_reason
    from pairs
    inner join models
        on pairs.derived_model_id = models.model_id
    left join categories
        on
            lower(pairs.base_model_id) = categories.base_key
            and lower(pairs.derived_model_id) = categories.derived_key
)

select * from final
