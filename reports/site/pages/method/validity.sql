-- Valid and failed pairs; of each study the families with the most failed pairs.
with

counted as (
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
)

select
    *,
    count(*) over (partition by study_id) as n_rows
from counted
qualify row_number() over (partition by study_id order by n_invalid desc, n_pairs desc, family_label, relation) <= 12
order by study_id, n_invalid desc, n_pairs desc, family_label, relation
