-- Every pair of the study, measured or not, the most alike first; at most 1,000 of them.
select
    family_label,
    relation,
    base_model_id,
    derived_model_id,
    derived_downloads,
    download_tier,
    overlap_ratio,
    invalid_reason,
    suspect_reason,
    is_disputed,
    count(*) over () as n_rows
from marts.fct_overlaps
where study_id = $study_id
order by overlap_ratio desc nulls last, family_label, base_model_id, derived_model_id
limit 1000
