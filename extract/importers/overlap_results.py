"""Published overlap results: one CSV row per pair of base and derived model.

The published files write -1 and no prompts for a pair that could not be measured. Such a pair is
kept as ``failed``. What is merely odd (a mean that does not follow from the scores) is kept as
published, counted and reported, and so are two different results for one pair. What cannot be meant
(text for a number, a ratio above 1) stops the import before anything is written.
"""

import json
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from extract.importers.conflicts import KeyedRecords
from extract.importers.tables import CsvFile, Row, read_csv
from modelkin.errors import UsageError
from modelkin.model_ids import shorten
from modelkin.warehouse import load

REQUIRED: Final = (
    "base_model_name",
    "derived_model_name",
    "num_pairs",
    "avg_overlap_ratio",
    "bottom_k_vocab_size",
    "pair_scores_json",
)
OPTIONAL: Final = ("base_model_downloads", "derived_model_downloads")
RELATIONS: Final = ("same", "different")
_NAME_MARKS: Final = {"_same": "same", "_diff": "different"}

FAILED_RATIO: Final = -1.0
"""What the published files write where a pair has no overlap."""

MEAN_TOLERANCE: Final = 5e-4
"""A published mean may be rounded to three decimals; more than that is a disagreement."""

_INT32_END: Final = 2**31


@dataclass
class OverlapImport:
    """Checked results of one or more files, ready to be written as one run."""

    study_id: str
    files: list[CsvFile]
    rows: list[dict[str, Any]]
    conflicts: list[dict[str, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    oddities: Counter[str] = field(default_factory=Counter)
    run_id: str = ""

    @property
    def n_failed(self) -> int:
        """How many pairs have no overlap."""
        return sum(row["status"] == "failed" for row in self.rows)


def declared_relation(path: Path) -> str | None:
    """Return the relation that the file's name declares: ``_same``, ``_diff``, or neither (or both): None."""
    found = {relation for mark, relation in _NAME_MARKS.items() if mark in path.stem.lower()}
    return found.pop() if len(found) == 1 else None


def read_overlap_files(paths: Sequence[Path], study: str, relation: str | None = None) -> OverlapImport:
    """Read and check published overlap files as one set of results.

    Each pair is counted once. A pair that appears again with other values is kept by the rule of
    ``extract.importers.conflicts``: a measured one before a failed one. A field that cannot be meant
    raises InputError.
    Raises UsageError for a blank study, no file, or an unknown relation.
    """
    study_id = study.strip()
    if not study_id:
        raise UsageError("The study needs a name: give --study NAME.")
    if not paths:
        raise UsageError("Name at least one CSV file to import.")
    if relation is not None and relation not in RELATIONS:
        raise UsageError(f"The relation {relation!r} is not known: give --relation same or --relation different.")
    result = OverlapImport(study_id, [], [])
    pairs = KeyedRecords(
        "overlap_results",
        "derived_model_id",
        taken_whole=("status", "avg_overlap_ratio", "pair_scores", "bottom_k"),
        rank=lambda pair: pair["status"] == "ok",
    )
    for path in paths:
        file = read_csv(path, REQUIRED)
        result.files.append(file)
        unused = file.unused((*REQUIRED, *OPTIONAL))
        if unused:
            result.notes.append(f"{path}: columns that are not used: {', '.join(unused)}")
        file_relation = relation or declared_relation(path)
        if file_relation is None:
            result.notes.append(f"{path}: declares no relation (no _same or _diff in its name, no --relation)")
        for row in file.rows:
            values = _parse(row, result.oddities)
            values["study_id"] = study_id
            values["declared_relation"] = file_relation
            pairs.add((values["base_model_id"], values["derived_model_id"]), row, values)
    result.rows, result.conflicts = pairs.rows, pairs.conflicts
    result.notes += pairs.notes("pairs")
    result.notes += [f"{what}: {count}" for what, count in result.oddities.items()]
    return result


def _parse(row: Row, oddities: Counter[str]) -> dict[str, Any]:
    base, derived = row.model_id("base_model_name"), row.model_id("derived_model_name")
    n_prompts = row.count("num_pairs")
    scores = _scores(row)
    has_ratio = n_prompts > 0 or row.text("avg_overlap_ratio")
    ratio = row.number("avg_overlap_ratio") if has_ratio else FAILED_RATIO
    if ratio != FAILED_RATIO and not 0 <= ratio <= 1:
        raise row.error("avg_overlap_ratio", f"{ratio} is outside 0..1 (and is not -1, a failed pair)")
    is_failed = n_prompts == 0 or ratio == FAILED_RATIO
    if is_failed:
        if n_prompts > 0 or ratio != FAILED_RATIO or scores:
            oddities["pairs that are half failed (-1 with prompts, or results without), kept as failed"] += 1
    elif scores is None:
        oddities["pairs that have a mean and no scores"] += 1
    else:
        if len(scores) != n_prompts:
            oddities["pairs that have another number of scores than num_pairs says"] += 1
        if scores and abs(math.fsum(scores) / len(scores) - ratio) > MEAN_TOLERANCE:
            oddities["pairs whose mean does not follow from their scores (the published mean is kept)"] += 1
    if base.lower() == derived.lower():
        oddities["pairs that compare a model with itself"] += 1
    bottom_k = row.count_or_none("bottom_k_vocab_size", end=_INT32_END)
    if bottom_k == 0:
        raise row.error("bottom_k_vocab_size", "it must be at least 1")
    return {
        "base_model_id": base,
        "derived_model_id": derived,
        "base_downloads": row.count_or_none("base_model_downloads"),
        "derived_downloads": row.count_or_none("derived_model_downloads"),
        "bottom_k": bottom_k,
        "pair_scores": None if is_failed else scores,
        "avg_overlap_ratio": None if is_failed else ratio,
        "status": "failed" if is_failed else "ok",
    }


def _scores(row: Row) -> list[float] | None:
    """Return the scores, each 0..1; an empty list or no text is None."""
    column = "pair_scores_json"
    text = row.text(column)
    if not text:
        return None
    try:
        values = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise row.error(column, f"{shorten(text)} is not a JSON list of numbers") from error
    if not isinstance(values, list):
        raise row.error(column, f"{shorten(text)} is not a JSON list of numbers")
    for value in values:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise row.error(column, f"the score {shorten(json.dumps(value))} is not a number")
        if not 0 <= value <= 1:
            raise row.error(column, f"the score {value} is outside 0..1")
    return [float(value) for value in values] or None


def import_overlap(paths: Sequence[Path], study: str, relation: str | None = None) -> OverlapImport:
    """Check the files, then write their pairs to ``raw.overlap_results`` as one run."""
    result = read_overlap_files(paths, study, relation)
    params = {
        "kind": "overlap",
        "study": result.study_id,
        "relation": relation,
        "files": [file.provenance() for file in result.files],
        "notes": dict(result.oddities),
    }
    with load("import", params=params) as run:
        run.add("overlap_results", result.rows)
        run.add("import_conflicts", result.conflicts)
        result.run_id = run.run_id
    return result
