select
    anomaly,
    family_label,
    relation,
    base_model_id,
    derived_model_id,
    derived_downloads,
    overlap_ratio,
    suspect_reason,
    count(*) over () as n_anomalies
from marts.mart_overlap_anomalies
where study_id = $study_id
order by anomaly, overlap_ratio desc, derived_model_id, base_model_id
limit 60
