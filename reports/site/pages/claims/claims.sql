select
    claim_id,
    source_document,
    statement,
    scope,
    published_value,
    recomputed_value,
    tolerance,
    verdict,
    note
from stats.claim_audit
order by source_document, claim_id
