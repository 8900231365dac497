-- The families of the study, those with the most valid pairs first; charts and tables show the first of them.
select
    family_label,
    count(*) as n_pairs,
    count(overlap_ratio) as n_valid,
    string_agg(distinct base_model_id, ', ' order by base_model_id) as base_model_ids,
    row_number() over (order by count(overlap_ratio) desc, family_label) as family_rank,
    count(*) over () as n_families
from marts.fct_overlaps
where study_id = $study_id
group by family_label
order by family_rank
limit $max_families
