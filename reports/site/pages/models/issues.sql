select
    issue,
    count(*) as n_rows,
    count(distinct model_id) as n_models
from marts.mart_lineage_issues
group by issue
order by n_rows desc, issue
