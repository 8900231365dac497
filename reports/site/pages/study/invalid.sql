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
    and family_label in (
        select family_label
        from marts.fct_overlaps
        where study_id = $study_id
        group by family_label
        order by count(overlap_ratio) desc, family_label
        limit $max_families
    )
order by family_label, relation desc, n_pairs desc, invalid_reason
