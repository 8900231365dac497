-- Same-family pairs by range of overlap, in every scheme of ranges.
select
    scheme,
    family_label,
    relation,
    range_label,
    range_order,
    modification,
    n_valid,
    share
from marts.mart_overlap_distribution
where
    study_id = $study_id
    and relation = 'same'
    and list_contains($families, family_label)
order by scheme, family_label, range_order
