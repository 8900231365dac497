-- The odd pairs of each study: relatives that share least, strangers that share most, two of each and each once.
with

pairs as (
    select
        study_id,
        relation,
        base_model_id,
        derived_model_id,
        derived_downloads,
        overlap_ratio,
        hash(base_model_id || ' ' || derived_model_id) % 1000 / 999 - 0.5 as jitter,
        row_number() over (
            partition by
                study_id,
                relation,
                least(base_model_id, derived_model_id),
                greatest(base_model_id, derived_model_id)
            order by case relation when 'same' then overlap_ratio else -overlap_ratio end, derived_model_id
        ) as direction
    from marts.fct_overlaps
    where
        is_valid
        and is_counted
        and relation in ('same', 'different')
),

ranked as (
    select
        *,
        row_number() over (
            partition by study_id, relation
            order by case relation when 'same' then overlap_ratio else -overlap_ratio end, derived_model_id, base_model_id
        ) as place
    from pairs
    where direction = 1
)

select *
from ranked
where place <= 2
order by study_id, relation, place
