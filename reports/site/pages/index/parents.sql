-- How often the declared parent is ranked first, by overlap and metadata together, and among how many candidates; the
-- families not learned from first.
with

candidates as (
    select
        study_id,
        count(distinct candidate_base_id) as n_candidates
    from marts.mart_lineage_candidates
    group by study_id
)

select
    evaluation.study_id,
    evaluation.split,
    evaluation.n,
    evaluation.value,
    evaluation.ci_low,
    evaluation.ci_high,
    candidates.n_candidates
from marts.mart_lineage_evaluation as evaluation
inner join candidates
    on evaluation.study_id = candidates.study_id
where
    evaluation.metric = 'top_1'
    and evaluation.method = 'combined'
    and evaluation.relation_type = 'any'
    and evaluation.pair_set = 'all'
    and evaluation.split in ('test', 'all')
    and evaluation.value is not null
order by evaluation.study_id, evaluation.split desc
