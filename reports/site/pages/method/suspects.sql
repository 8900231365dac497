-- Pairs whose overlap is doubtful, by reason; a pair may have several, joined as the mart gives them.
select
    study_id,
    suspect_reason,
    count(*) as n_pairs,
    count(*) filter (where is_counted) as n_counted
from marts.fct_overlaps
where is_suspect
group by study_id, suspect_reason
order by study_id, n_pairs desc, suspect_reason
