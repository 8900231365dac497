-- How often the true parent is ranked first, by overlap and metadata together; the families not learned from first.
select
    study_id,
    split,
    n,
    value,
    ci_low,
    ci_high
from marts.mart_lineage_evaluation
where
    metric = 'top_1'
    and method = 'combined'
    and relation_type = 'any'
    and pair_set = 'all'
    and split in ('test', 'all')
    and value is not null
order by study_id, split desc
