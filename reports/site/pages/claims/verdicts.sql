select
    kind,
    count(*) as n_claims,
    count(*) filter (where verdict = 'reproduced') as n_reproduced,
    count(*) filter (where verdict = 'not_reproduced') as n_not_reproduced,
    count(*) filter (where verdict = 'not_testable') as n_not_testable
from stats.claim_audit
group by grouping sets ((), (kind))
order by kind nulls first
