select
    family_label,
    relation,
    invalid_reason,
    n_pairs,
    share
from marts.mart_overlap_validity
where
    study_id = $study_id
    and not is_valid
    and list_contains($families, family_label)
order by family_label, relation desc, n_pairs desc, invalid_reason
