-- Derived models that are copies of each other: their weights are the same bytes, or no measurement tells them apart.
select
    study_id,
    family_label,
    count(distinct copy_group_id) as n_groups,
    count(*) as n_pairs,
    count(*) filter (where is_copy_of_another) as n_copies
from marts.fct_overlaps
where copy_group_id is not null
group by study_id, family_label
order by study_id, n_copies desc, family_label
limit 60
