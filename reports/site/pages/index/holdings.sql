select
    (select count(*) from marts.dim_models) as n_models,
    (select count(*) from marts.dim_models where is_observed) as n_observed_models,
    (select count(*) from marts.dim_families) as n_families,
    (select count(*) from marts.fct_lineage_edges) as n_edges,
    (select count(*) from marts.fct_model_observations) as n_observations,
    (select count(*) from marts.fct_overlaps) as n_pairs,
    (select count(*) from marts.fct_overlaps where is_valid) as n_valid,
    (select count(*) from marts.fct_overlaps where not is_valid) as n_invalid,
    (select count(distinct study_id) from marts.fct_overlaps) as n_studies
order by n_models
