-- All overlaps of a study that is a matrix: at least ten bases, and most of their pairs measured.
with

pairs as (
    select
        base_model_id,
        derived_model_id,
        overlap_ratio
    from marts.fct_overlaps
    where
        study_id = $study_id
        and overlap_ratio is not null
),

sizes as (
    select
        count(distinct base_model_id) as n_bases,
        count(distinct derived_model_id) as n_derived,
        count(*) as n_pairs
    from pairs
)

select pairs.*
from pairs
cross join sizes
where
    sizes.n_bases >= 10
    and sizes.n_pairs >= 0.5 * sizes.n_bases * (sizes.n_derived - 1)
order by pairs.base_model_id, pairs.derived_model_id
