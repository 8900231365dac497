-- The odd pairs of each study: relatives that share least, strangers that share most, two of each.
with

ranked as (
    select
        study_id,
        relation,
        base_model_id,
        derived_model_id,
        derived_downloads,
        overlap_ratio,
        row_number() over (
            partition by study_id, relation
            order by case relation when 'same' then overlap_ratio else -overlap_ratio end, derived_model_id, base_model_id
        ) as place
    from marts.fct_overlaps
    where
        is_valid
        and is_counted
        and relation in ('same', 'different')
)

select *
from ranked
where place <= 2
order by study_id, relation, place
