-- The models that failed in any pair of a study, those that failed most first.
select
    study_id,
    derived_model_id,
    list(distinct invalid_reason order by invalid_reason) as invalid_reasons,
    count(*) as n_pairs
from marts.fct_overlaps
where not is_valid
group by study_id, derived_model_id
order by study_id, n_pairs desc, derived_model_id
limit 300
