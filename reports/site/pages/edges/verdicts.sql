-- How many declared edges have each verdict, and by how many the witnesses disagree.
select
    verdict,
    count(*) filter (where is_declared) as n_declared,
    count(*) filter (where not is_declared) as n_undeclared,
    count(*) filter (where both_witnesses_disagree) as n_disagreeing
from stats.lineage_verdicts
group by verdict
order by n_declared desc, n_undeclared desc, verdict
