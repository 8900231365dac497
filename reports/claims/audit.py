"""Recompute every published claim from the marts and write ``stats.claim_audit``.

The claims are the rows of marts.dim_published_claims, the data those of marts.fct_overlaps. A claim names its
statistic, and its groups by study, base model, relation and downloads; the rules are in docs/claims.md.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final, Literal, Self

import duckdb
import numpy as np
import pyarrow as pa

from modelkin.errors import InputError, WarehouseError
from modelkin.stats_tables import StatsTable, replace_table
from modelkin.warehouse import connect
from reports.claims import judgements, values
from reports.claims.groups import Bounds, Group, Measured, OfOne, OfRange, OfTwo, short
from reports.significance.outcomes import Flags, Floats
from reports.significance.runner import read_overlaps

Verdict = Literal["reproduced", "not_reproduced", "not_testable"]
VERDICTS: Final[tuple[Verdict, ...]] = ("reproduced", "not_reproduced", "not_testable")

ALSO_READ: Final = ("declared_relation", "lineage_score")
"""Columns of marts.fct_overlaps that the audit reads besides those of the tests."""

EPSILON: Final = 1e-9
"""What floating point may add to a half unit of the last published digit."""

OF_ONE: Final[Mapping[str, OfOne]] = {
    "n_pairs": values.n_pairs,
    "n_valid": values.n_valid,
    "n_invalid": values.n_invalid,
    "invalid_rate": values.invalid_rate,
    "mean": values.mean,
    "median": values.median,
    "sd": values.sd,
    "min": values.smallest_overlap,
    "max": values.largest_overlap,
    "overlap": values.overlap,
    "spearman_rho": values.spearman_rho,
    "spearman_p": values.spearman_p,
    "rises_with_downloads": judgements.rises_with_downloads,
    "has_extremes": judgements.has_extremes,
    "score_separates_better": judgements.score_separates_better,
    "not_measured": judgements.not_measured,
}
OF_RANGE: Final[Mapping[str, OfRange]] = {
    "count_in_range": values.count_in_range,
    "share_in_range": values.share_in_range,
    "count_below": values.count_below,
    "share_below": values.share_below,
    "share_above": values.share_above,
    "most_below": judgements.most_below,
    "most_above": judgements.most_above,
}
OF_TWO: Final[Mapping[str, OfTwo]] = {
    "ratio_of_means": values.ratio_of_means,
    "difference_of_means": values.difference_of_means,
    "difference_of_medians": values.difference_of_medians,
    "difference_of_sds": values.difference_of_sds,
    "difference_of_invalid_rates": values.difference_of_invalid_rates,
    "student_t_p": values.student_t_p,
    "spreads_more": judgements.spreads_more,
    "overlaps_more": judgements.overlaps_more,
    "differs_largely": judgements.differs_largely,
    "separates_well": judgements.separates_well,
    "has_more_extremes": judgements.has_more_extremes,
    "drops_most_extremes": judgements.drops_most_extremes,
    "is_called_better": judgements.is_called_better,
    "keeps_half": judgements.keeps_half,
    "keeps_under_half": judgements.keeps_under_half,
}
"""What the column `statistic` of the claims may name: functions of one group, of a range in it, of two groups."""

FROM_BELOW: Final = frozenset({"count_in_range", "share_in_range", "share_above", "most_above"})
UP_TO: Final = frozenset({"count_in_range", "share_in_range", "count_below", "share_below", "most_below"})
"""Which ends of its range a statistic needs."""

EQUALS: Final = frozenset({"=", "~"})
BOUNDS: Final = frozenset({"<", ">", "between"})
"""The comparators of numbers; a sentence has `holds`."""

OF_DOWNLOADS: Final = frozenset({"spearman_rho", "spearman_p", "rises_with_downloads", "score_separates_better"})
"""The statistics that need downloads even where the scope sets no bound on them."""

COUNTS: Final = frozenset({"n_pairs", "n_valid", "n_invalid", "count_in_range", "count_below"})

HOW_TO_IMPORT: Final[Mapping[str, str]] = {
    "original": "import its four files *_same_with_downloads.csv and *_diff_with_downloads.csv with "
    "`python -m extract import-overlap FILE... --study original`",
    "popular": "import its files lineage_bottomk_text_same_*.csv with `python -m extract import-overlap FILE... "
    "--study popular`, and popular_models_*.csv with `python -m extract import-models FILE...`",
}

CLAIM_AUDIT: Final = StatsTable(
    name="claim_audit",
    description=(
        "What became of each published claim when it was recomputed from marts.fct_overlaps. One row per claim of "
        "marts.dim_published_claims. Written by `python -m reports test`. The rules are in docs/claims.md."
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


@dataclass(frozen=True)
class Claim:
    """A row of marts.dim_published_claims; docs/claims.md tells what each column means."""

    claim_id: str
    source_documents: str
    source_place: str
    kind: str
    statement: str
    operationalisation: str | None
    statistic: str
    study_id: str
    base_model_id: str | None
    relation: str | None
    min_downloads: int | None
    max_downloads: int | None
    derived_model_id: str | None
    min_overlap: float | None
    max_overlap: float | None
    versus_study_id: str | None
    versus_base_model_id: str | None
    versus_relation: str | None
    versus_min_downloads: int | None
    versus_max_downloads: int | None
    comparator: str
    published_value: float | None
    published_upper: float | None
    decimals: int | None
    rounded_inputs: int | None
    remark: str | None

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        """Return the claim of a row of the mart; KeyError when a column is missing."""
        return cls(**{field.name: row[field.name] for field in fields(cls)})

    @property
    def scope(self) -> "Scope":
        """The pairs that the claim is about."""
        return Scope(
            self.study_id,
            self.base_model_id,
            self.relation,
            self.min_downloads,
            self.max_downloads,
            self.derived_model_id,
        )

    @property
    def versus(self) -> "Scope | None":
        """The second group; None where the claim compares nothing."""
        if self.versus_study_id is None:
            return None
        return Scope(
            self.versus_study_id,
            self.versus_base_model_id,
            self.versus_relation,
            self.versus_min_downloads,
            self.versus_max_downloads,
        )

    @property
    def published_as(self) -> str:
        """The published number or relation as text, with the decimals it was published with."""
        if self.published_value is None:
            return self.comparator
        digits = self.decimals or 0
        published = f"{self.published_value:.{digits}f}"
        if self.published_upper is not None:
            return f"{self.comparator} {published} and {self.published_upper:.{digits}f}"
        return f"{self.comparator} {published}"


@dataclass(frozen=True)
class Scope:
    """Which pairs take part; None leaves a property free. Bounds on downloads are inclusive."""

    study_id: str
    base_model_id: str | None
    relation: str | None
    min_downloads: int | None = None
    max_downloads: int | None = None
    derived_model_id: str | None = None

    def parts(self) -> dict[str, str]:
        """Return the scope as keys and values."""
        parts = {"study": self.study_id}
        if self.base_model_id is not None:
            parts["base"] = self.base_model_id
        parts["relation"] = self.relation or "any"
        low, high = self.min_downloads, self.max_downloads
        parts["downloads"] = "any" if low is None and high is None else f"{_or_empty(low)}..{_or_empty(high)}"
        if self.derived_model_id is not None:
            parts["derived"] = self.derived_model_id
        return parts

    def words(self) -> str:
        """Return study, relation and base model in words."""
        relation = f"{self.relation}-family pairs" if self.relation else "pairs"
        return f"{relation} of {self.base_model_id}" if self.base_model_id else relation


def _or_empty(bound: int | None) -> str:
    return "" if bound is None else str(bound)


@dataclass(frozen=True)
class Columns:
    """The columns of marts.fct_overlaps that claims are recomputed from, of one length."""

    study_ids: "np.ndarray[Any, np.dtype[np.str_]]"
    base_model_ids: "np.ndarray[Any, np.dtype[np.str_]]"
    derived_model_ids: "np.ndarray[Any, np.dtype[np.str_]]"
    relations: "np.ndarray[Any, np.dtype[np.str_]]"
    overlaps: Floats
    downloads: Floats
    scores: Floats

    @classmethod
    def of(cls, overlaps: pa.Table) -> Self:
        """Read the columns; the relation is the one that the study's file declares, else the mart's.

        Model ids are in lower case. An overlap counts where the pair is valid.
        """
        is_valid = np.array([flag is True for flag in overlaps.column("is_valid").to_pylist()], dtype=np.bool_)
        declared = overlaps.column("declared_relation").to_pylist()
        relations = overlaps.column("relation").to_pylist()
        return cls(
            study_ids=_texts(overlaps.column("study_id").to_pylist()),
            base_model_ids=_texts([text.lower() for text in overlaps.column("base_model_id").to_pylist()]),
            derived_model_ids=_texts([text.lower() for text in overlaps.column("derived_model_id").to_pylist()]),
            relations=_texts([own or common or "" for own, common in zip(declared, relations, strict=True)]),
            overlaps=np.where(is_valid, _numbers(overlaps, "overlap_ratio"), np.nan),
            downloads=_numbers(overlaps, "derived_downloads"),
            scores=_numbers(overlaps, "lineage_score"),
        )

    def in_study(self, scope: Scope) -> Flags:
        """Return which rows have the scope's study, base model and relation, whatever their downloads."""
        flags: Flags = self.study_ids == scope.study_id
        if scope.base_model_id is not None:
            flags = flags & (self.base_model_ids == scope.base_model_id.lower())
        if scope.relation is not None:
            flags = flags & (self.relations == scope.relation)
        return flags

    def select(self, scope: Scope) -> Group:
        """Return the pairs of the scope; with a bound on downloads, those whose downloads are known."""
        flags = self.in_study(scope)
        if scope.min_downloads is not None:
            flags = flags & (self.downloads >= scope.min_downloads)
        if scope.max_downloads is not None:
            flags = flags & (self.downloads <= scope.max_downloads)
        if scope.derived_model_id is not None:
            flags = flags & (self.derived_model_ids == scope.derived_model_id.lower())
        return Group(self.overlaps[flags], self.downloads[flags], self.scores[flags], self.relations[flags] == "same")


def _texts(texts: Sequence[str]) -> "np.ndarray[Any, np.dtype[np.str_]]":
    return np.array(texts, dtype=np.str_)


def _numbers(table: pa.Table, name: str) -> Floats:
    numbers: Floats = np.asarray(table.column(name).cast(pa.float64()).to_numpy(zero_copy_only=False), dtype=np.float64)
    return numbers


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
        raise WarehouseError(f"marts.fct_overlaps in {path} lacks {', '.join(lacking)}; run `dbt build` again.")
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
            raise WarehouseError(f"{path} has no table marts.dim_published_claims; run `dbt build` first.") from error
    claims = []
    for row in rows.to_pylist():
        try:
            claim = Claim.of(row)
        except KeyError as error:
            raise WarehouseError(
                f"marts.dim_published_claims in {path} lacks the column {error.args[0]}; run `dbt build` again."
            ) from error
        check(claim)
        claims.append(claim)
    return claims


def check(claim: Claim) -> None:
    """Raise InputError when the claim lacks what its statistic or comparator needs."""
    why = ""
    if claim.statistic not in {*OF_ONE, *OF_RANGE, *OF_TWO}:
        why = f"names the statistic {claim.statistic}, which the audit does not know (see docs/claims.md)"
    elif (claim.statistic in OF_TWO) != (claim.versus is not None):
        why = f"must have a second group (versus_…) exactly when its statistic compares two; {claim.statistic} " + (
            "does" if claim.statistic in OF_TWO else "does not"
        )
    elif claim.statistic in FROM_BELOW and claim.min_overlap is None:
        why = f"needs min_overlap for {claim.statistic}"
    elif claim.statistic in UP_TO and claim.max_overlap is None:
        why = f"needs max_overlap for {claim.statistic}"
    elif claim.comparator not in {"holds", *EQUALS, *BOUNDS}:
        why = f"has the comparator {claim.comparator}, which the audit does not know"
    elif claim.comparator != "holds" and (claim.published_value is None or claim.decimals is None):
        why = "needs published_value and decimals, as it is no sentence"
    elif claim.comparator == "between" and claim.published_upper is None:
        why = "needs published_upper for a range"
    if why:
        raise InputError(f"seeds/published_claims.csv: the claim {claim.claim_id} {why}.")


def audit(claim: Claim, columns: Columns) -> dict[str, Any]:
    """Recompute one claim and return its row of stats.claim_audit."""
    why = why_missing(claim, columns)
    measured = Measured(None, 0, why_not=why) if why else measure(claim, columns)
    verdict, reason = judge(claim, measured)
    notes = [reason, measured.detail]
    if measured.value is not None:
        notes += [_single_pairs(claim, columns.select(claim.scope)), _caution(claim, measured)]
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
            scope.study_id, f"import it with `python -m extract import-overlap FILE... --study {scope.study_id}`"
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


def tolerance(claim: Claim) -> float | None:
    """Return half a unit of the last published digit; None where a bound is compared or a sentence judged."""
    if claim.comparator not in EQUALS or claim.decimals is None:
        return None
    return 0.5 * 10.0**-claim.decimals


def judge(claim: Claim, measured: Measured) -> tuple[Verdict, str]:
    """Return the verdict and the first sentence of its note."""
    if measured.value is None:
        return "not_testable", f"Not testable: {measured.why_not}."
    if claim.comparator == "holds":
        if measured.holds is None:
            raise InputError(f"seeds/published_claims.csv: {claim.statistic} of {claim.claim_id} judges no sentence.")
        return ("reproduced", "It holds.") if measured.holds else ("not_reproduced", "It is not supported.")
    if measured.holds is not None:
        raise InputError(
            f"seeds/published_claims.csv: {claim.statistic} of {claim.claim_id} gives no number to compare."
        )
    if (allowed := tolerance(claim)) is not None:
        return _by_rounding(claim, measured, measured.value, allowed)
    return _by_bound(claim, measured.value)


def _by_rounding(claim: Claim, measured: Measured, value: float, allowed: float) -> tuple[Verdict, str]:
    published = claim.published_value or 0.0
    ours = f"{value:.0f}" if claim.statistic in COUNTS else f"{value:.6g}"
    if abs(value - published) <= allowed + EPSILON:
        return "reproduced", f"We find {ours}."
    if claim.rounded_inputs is not None and measured.inputs:
        first, second = (round(number, claim.rounded_inputs) for number in measured.inputs)
        if second and abs(first / second - published) <= allowed + EPSILON:
            return "reproduced", (
                f"Reproduced only from means rounded to {claim.rounded_inputs} decimals "
                f"({first:.{claim.rounded_inputs}f} / {second:.{claim.rounded_inputs}f} = {first / second:.2f}); "
                f"unrounded it is {value:.2f}."
            )
    return "not_reproduced", (
        f"We find {ours}, off by {short(abs(value - published))}; rounding explains {short(allowed)} at most."
    )


def _by_bound(claim: Claim, value: float) -> tuple[Verdict, str]:
    words = f"We find {value:.4g}"
    if _lies(claim, value):
        return "reproduced", f"{words}."
    return "not_reproduced", f"{words}, which is not {claim.published_as}."


def _lies(claim: Claim, value: float) -> bool:
    """Tell whether ``value`` lies where the claim's comparator says; the ends of a range belong to it."""
    bound, upper = claim.published_value or 0.0, claim.published_upper
    if claim.comparator == "between":
        return upper is not None and bound - EPSILON <= value <= upper + EPSILON
    return value < bound - EPSILON if claim.comparator == "<" else value > bound + EPSILON


def _single_pairs(claim: Claim, group: Group) -> str:
    """Say how many single pairs lie where a claim about a mean says; empty for other claims."""
    if claim.statistic != "mean" or claim.comparator not in BOUNDS:
        return ""
    count = sum(_lies(claim, float(value)) for value in group.valid)
    return f"Of the single pairs {count} of {group.valid.size} are {claim.published_as}."


def _caution(claim: Claim, measured: Measured) -> str:
    if claim.statistic in COUNTS or claim.statistic == "overlap":
        return ""
    if 1 in (measured.n, measured.n_versus):
        return "A group of this claim holds one pair: the figure is that pair's and tells nothing of a group."
    return ""


def scope_text(claim: Claim) -> str:
    """Return the scope as key=value, the second group by what it has otherwise."""
    parts = claim.scope.parts()
    if claim.min_overlap is not None or claim.max_overlap is not None:
        low, high = ("" if bound is None else f"{bound:g}" for bound in (claim.min_overlap, claim.max_overlap))
        parts["overlap"] = f"{low}..{high}"
    text = " ".join(f"{key}={value}" for key, value in parts.items())
    if claim.versus is not None:
        others = {key: value for key, value in claim.versus.parts().items() if parts.get(key) != value}
        text += " versus " + " ".join(f"{key}={value}" for key, value in others.items())
    return text
