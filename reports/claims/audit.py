"""Recompute every published claim from the marts and write ``stats.claim_audit``.

The claims are the rows of marts.dim_published_claims, the data those of marts.fct_overlaps. A claim names its
statistic, and its groups by study, base model, relation and downloads; the rules are in docs/claims.md.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import duckdb
import numpy as np
import pyarrow as pa

from modelkin.errors import WarehouseError
from modelkin.stats_tables import replace_table
from modelkin.warehouse import connect
from reports.claims.catalogue import OF_DOWNLOADS, OF_ONE, OF_RANGE, OF_TWO, check
from reports.claims.claim import Claim, scope_text
from reports.claims.columns import Columns
from reports.claims.groups import Bounds, Measured
from reports.claims.table import CLAIM_AUDIT
from reports.claims.verdicts import VERDICTS, caution, judge, single_pairs, tolerance
from reports.significance.runner import read_overlaps

ALSO_READ: Final = ("declared_relation", "lineage_score")
"""Columns of marts.fct_overlaps that the audit reads besides those of the tests."""

HOW_TO_IMPORT: Final[Mapping[str, str]] = {
    "original": "import its four files *_same_with_downloads.csv and *_diff_with_downloads.csv with "
    "`modelkin extract import-overlap FILE... --study original`",
    "popular": "import its files lineage_bottomk_text_same_*.csv with `modelkin extract import-overlap FILE... "
    "--study popular`, and popular_models_*.csv with `modelkin extract import-models FILE...`",
}


@dataclass(frozen=True)
class Summary:
    """How many claims were audited, and how often each verdict was given."""

    n_claims: int
    verdicts: Mapping[str, int]
    missing: tuple[str, ...]

    def lines(self) -> list[str]:
        """Return the summary as lines for the terminal."""
        counts = ", ".join(f"{self.verdicts.get(name, 0)} {name.replace('_', ' ')}" for name in VERDICTS)
        return [f"{self.n_claims} published claims: {counts}.", *self.missing]


def audit_claims(path: Path) -> Summary:
    """Audit the claims of the warehouse at ``path`` and replace stats.claim_audit.

    Raises WarehouseError when a mart is missing or the file cannot be written, InputError for a claim that the audit
    cannot read.
    """
    claims = read_claims(path)
    overlaps = read_overlaps(path)
    if lacking := [name for name in ALSO_READ if name not in overlaps.column_names]:
        raise WarehouseError(f"marts.fct_overlaps in {path} lacks {', '.join(lacking)}; run `modelkin build` again.")
    columns = Columns.of(overlaps)
    rows = [audit(claim, columns) for claim in claims]
    replace_table(path, CLAIM_AUDIT, pa.Table.from_pylist(rows, schema=CLAIM_AUDIT.schema))
    missing = Counter(why for claim in claims if (why := why_missing(claim, columns)))
    return Summary(
        n_claims=len(rows),
        verdicts=dict(Counter(str(row["verdict"]) for row in rows)),
        missing=tuple(f"{count} of them: {why}." for why, count in sorted(missing.items()) if count > 1),
    )


def read_claims(path: Path) -> list[Claim]:
    """Return the claims of marts.dim_published_claims, each checked, in the order of their ids."""
    with connect(path, read_only=True) as connection:
        try:
            rows = connection.sql("select * from marts.dim_published_claims order by claim_id").to_arrow_table()
        except duckdb.CatalogException as error:
            raise WarehouseError(
                f"{path} has no table marts.dim_published_claims; run `modelkin build` first."
            ) from error
    claims = []
    for row in rows.to_pylist():
        try:
            claim = Claim.of(row)
        except KeyError as error:
            raise WarehouseError(
                f"marts.dim_published_claims in {path} lacks the column {error.args[0]}; run `modelkin build` again."
            ) from error
        check(claim)
        claims.append(claim)
    return claims


def audit(claim: Claim, columns: Columns) -> dict[str, Any]:
    """Recompute one claim and return its row of stats.claim_audit."""
    why = why_missing(claim, columns)
    measured = Measured(None, 0, why_not=why) if why else measure(claim, columns)
    verdict, reason = judge(claim, measured)
    notes = [reason, measured.detail]
    if measured.value is not None:
        notes += [single_pairs(claim, columns.select(claim.scope)), caution(claim, measured)]
    notes.append(claim.remark or "")
    return {
        "claim_id": claim.claim_id,
        "source_document": claim.source_documents,
        "source_place": claim.source_place,
        "kind": claim.kind,
        "statement": claim.statement,
        "operationalisation": claim.operationalisation,
        "study_id": claim.study_id,
        "scope": scope_text(claim),
        "statistic": claim.statistic,
        "published_as": claim.published_as,
        "published_value": claim.published_value,
        "recomputed_value": measured.value,
        "tolerance": tolerance(claim),
        "n": measured.n,
        "n_versus": measured.n_versus,
        "verdict": verdict,
        "note": " ".join(note for note in notes if note),
    }


def why_missing(claim: Claim, columns: Columns) -> str:
    """Say what the warehouse lacks for the claim and how to import it; empty when it lacks nothing."""
    for scope in (claim.scope, claim.versus):
        if scope is None:
            continue
        how = HOW_TO_IMPORT.get(
            scope.study_id, f"import it with `modelkin extract import-overlap FILE... --study {scope.study_id}`"
        )
        if not (columns.study_ids == scope.study_id).any():
            return f"study {scope.study_id} is not in this warehouse; {how}"
        flags = columns.in_study(scope)
        if not flags.any():
            return f"study {scope.study_id} holds no {scope.words()} here; {how}"
        if scope.derived_model_id is not None and not columns.select(scope).size:
            return f"no pair of {scope.derived_model_id} is in study {scope.study_id} here"
        is_bounded = scope.min_downloads is not None or scope.max_downloads is not None
        needs_downloads = is_bounded or claim.statistic in OF_DOWNLOADS
        if needs_downloads and not np.isfinite(columns.downloads[flags]).any():
            return f"no downloads are known for the {scope.words()} of study {scope.study_id} here; {how}"
    return ""


def measure(claim: Claim, columns: Columns) -> Measured:
    """Return what the claim's statistic gives for its group or groups."""
    group = columns.select(claim.scope)
    if claim.statistic in OF_ONE:
        return OF_ONE[claim.statistic](group)
    if claim.versus is not None:
        return OF_TWO[claim.statistic](group, columns.select(claim.versus))
    low = -np.inf if claim.min_overlap is None else claim.min_overlap
    high = np.inf if claim.max_overlap is None else claim.max_overlap
    return OF_RANGE[claim.statistic](group, Bounds(low, high))
