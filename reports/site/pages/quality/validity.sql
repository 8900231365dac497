select
    study_id,
    family_label,
    relation,
    sum(n_pairs) as n_pairs,
    coalesce(sum(n_pairs) filter (where is_valid), 0) as n_valid,
    coalesce(sum(n_pairs) filter (where not is_valid), 0) as n_invalid,
    coalesce(sum(share) filter (where not is_valid), 0) as share_invalid
from marts.mart_overlap_validity
group by study_id, family_label, relation
order by study_id, n_invalid desc, family_label, relation desc
limit 60
