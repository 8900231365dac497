-- Why declared edges could not be tested, the commonest reason first; ids are left out of the reasons.
select
    regexp_replace(reason, '[\w.-]+/[\w.-]+', '…', 'g') as reason,
    count(*) as n_edges
from stats.lineage_verdicts
where is_declared and verdict = 'not_testable'
group by all
order by n_edges desc, reason
limit 20
