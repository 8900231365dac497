-- The valid pairs that are counted, at most 800 of each relation and the same ones every time, with how many there are.
with

drawn as (
    select
        study_id,
        family_label,
        relation,
        base_model_id,
        derived_model_id,
        derived_downloads,
        download_tier,
        overlap_ratio,
        hash(base_model_id || ' ' || derived_model_id) % 1000 / 999 - 0.5 as jitter,
        count(*) over (partition by relation) as n_of_relation,
        avg(overlap_ratio) over (partition by relation) as mean_of_relation,
        count(*) over (partition by relation, family_label) as n_of_family,
        avg(overlap_ratio) over (partition by relation, family_label) as mean_of_family,
        row_number() over (
            partition by relation
            order by hash(derived_model_id || ' ' || base_model_id), base_model_id, derived_model_id
        ) as place
    from marts.fct_overlaps
    where
        study_id = $study_id
        and is_valid
        and is_counted
)

select *
from drawn
where place <= 800
order by family_label, relation desc, base_model_id, derived_model_id
