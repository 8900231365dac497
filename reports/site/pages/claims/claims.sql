-- Every claim with its verdict; those that do not hold first.
select
    claim_id,
    source_document,
    source_place,
    kind,
    statement,
    study_id,
    scope,
    statistic,
    published_value,
    published_as,
    recomputed_value,
    tolerance,
    n,
    n_versus,
    verdict,
    note,
    case verdict when 'not_reproduced' then 0 when 'reproduced' then 1 else 2 end as verdict_order
from stats.claim_audit
order by verdict_order, study_id, claim_id
