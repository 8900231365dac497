-- Same against different by quality, with the interval of the ratio where the test for it was run.
with

qualities as (
    select
        family_label,
        quality,
        quality_order,
        max(n_valid) filter (where relation = 'same') as n_same,
        max(mean_overlap) filter (where relation = 'same') as mean_same,
        max(n_valid) filter (where relation = 'different') as n_different,
        max(mean_overlap) filter (where relation = 'different') as mean_different,
        max(ratio_same_to_different) as ratio_same_to_different
    from marts.mart_overlap_by_quality
    where study_id = $study_id
    group by family_label, quality, quality_order
)

select *
from qualities
where family_label in (
    select family_label
    from marts.fct_overlaps
    where study_id = $study_id
    group by family_label
    order by count(overlap_ratio) desc, family_label
    limit $max_families
)
order by family_label, quality_order
