with

results as (
    select * from {{ ref('stg_overlap__results') }}
),

ranked as (
    select
        *,
        row_number() over (
            partition by study_id, base_key, derived_key
            order by loaded_at desc, run_id desc
        ) as recency
    from results
),

imported as (
    select
        study_id,
        base_key,
        derived_key,
        base_model_id,
        derived_model_id,
        case when is_measured then overlap_ratio end as overlap_ratio,
        coalesce({{ list_size('pair_scores') }}, 0) as prompt_count,
        pair_scores,
        bottom_k,
        case when not is_measured or overlap_ratio is null then 'not_stated' end as invalid_reason,
        base_downloads,
        derived_downloads,
        declared_relation
    from ranked
    where recency = 1
)

select * from imported
