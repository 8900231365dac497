-- The families of the study, those with the most valid pairs first; charts and tables show the first of them.
select
    family_label,
    count(*) as n_pairs,
    count(overlap_ratio) as n_valid,
    min(base_model_id) as base_model_id,
    count(distinct base_model_id) as n_base_models,
    row_number() over (order by count(overlap_ratio) desc, family_label) as family_rank
from marts.fct_overlaps
where study_id = $study_id
group by family_label
order by family_rank
limit $max_families
