-- Same-family models that kept little of their base, and what their name or tags say of why.
select
    family_label,
    derived_model_id,
    overlap_ratio,
    derived_downloads,
    category,
    matched_text,
    suspect_reason,
    count(*) over () as n_models
from marts.mart_low_overlap_models
where
    study_id = $study_id
    and list_contains($families, family_label)
order by family_label, overlap_order
limit 80
