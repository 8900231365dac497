"""The contract of ``stats.claim_audit``."""

from typing import Final

import pyarrow as pa

from modelkin.stats_tables import StatsTable

CLAIM_AUDIT: Final = StatsTable(
    name="claim_audit",
    description=(
        "What became of each published claim when it was recomputed from marts.fct_overlaps. One row per claim of "
        "marts.dim_published_claims. Written by `modelkin test`. The rules are in docs/claims.md."
    ),
    schema=pa.schema(
        [
            pa.field("claim_id", pa.string(), nullable=False),
            pa.field("source_document", pa.string(), nullable=False),
            pa.field("source_place", pa.string(), nullable=False),
            pa.field("kind", pa.string(), nullable=False),
            pa.field("statement", pa.string(), nullable=False),
            pa.field("operationalisation", pa.string()),
            pa.field("study_id", pa.string(), nullable=False),
            pa.field("scope", pa.string(), nullable=False),
            pa.field("statistic", pa.string(), nullable=False),
            pa.field("published_as", pa.string(), nullable=False),
            pa.field("published_value", pa.float64()),
            pa.field("recomputed_value", pa.float64()),
            pa.field("tolerance", pa.float64()),
            pa.field("n", pa.int64(), nullable=False),
            pa.field("n_versus", pa.int64()),
            pa.field("verdict", pa.string(), nullable=False),
            pa.field("note", pa.string(), nullable=False),
        ]
    ),
    columns={
        "claim_id": "Stable name of the claim.",
        "source_document": "Numbers of the documents it stands in, separated by semicolons.",
        "source_place": "Where in them, in our own words.",
        "kind": "value (a number), inequality (a number's side of a bound), sentence (judged by a stated rule).",
        "statement": "What is claimed, in our own words.",
        "operationalisation": "How a sentence or bound was made checkable; NULL where the number says it.",
        "study_id": "The study that the claim is about.",
        "scope": "The pairs that take part, as key=value; after `versus` what the second group has otherwise.",
        "statistic": "The statistic that was recomputed, or the rule that judged the sentence.",
        "published_as": "The published number or relation, such as `= 71.8` or `< 0.001`; `holds` for a sentence.",
        "published_value": "The published number, a share as 0..1; NULL for a sentence.",
        "recomputed_value": "Our value, unrounded; of a sentence the p of its test, where it has one.",
        "tolerance": "Half a unit of the last published digit; NULL where bounds are compared or a sentence is judged.",
        "n": "Pairs that our value stands on; of a comparison, in the first group.",
        "n_versus": "Pairs in the second group; NULL without one.",
        "verdict": "reproduced, not_reproduced or not_testable, by the rules of docs/claims.md.",
        "note": "What was found and why the verdict is what it is, in plain words.",
    },
)
