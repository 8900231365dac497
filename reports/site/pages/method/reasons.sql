-- Why pairs could not be measured, over all families of a study.
select
    study_id,
    invalid_reason,
    sum(n_pairs) as n_pairs,
    count(distinct family_label) as n_families
from marts.mart_overlap_validity
where not is_valid
group by study_id, invalid_reason
order by study_id, n_pairs desc, invalid_reason
