"""A square matrix of overlaps: row, the base whose prompts are used; column, the model measured on them.

The diagonal is a model with itself. It says nothing about any pair, so it is left out; its cells
are counted, those that are not 1 separately. A second file may give relationships: hand-checked
parents of the models, which become edges; their kind is kept word for word as ``declared_type``.
"""

import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from extract.importers.conflicts import KeyedRecords
from extract.importers.hub_models import parse_observed_at
from extract.importers.network import RELATIONS
from extract.importers.overlap_results import FAILED_RATIO
from extract.importers.tables import CsvFile, Row, check_width, read_csv, read_records
from modelkin.errors import InputError, UsageError
from modelkin.model_ids import model_id_problem, owner_of
from modelkin.warehouse import load

RELATIONSHIP_COLUMNS: Final = ("model_id", "base_model", "relationship_type")
NONE: Final = "none"
OBSERVED_COLUMNS: Final = ("author",)
"""The columns of ``raw.hub_models`` that relationships carry; of the card they know the declared type alone."""
_INT32_END: Final = 2**31
_SEPARATOR: Final = re.compile(r"\s*;\s*")


@dataclass
class MatrixImport:
    """Checked cells and relationships, ready to be written as one run."""

    study_id: str
    files: list[CsvFile]
    results: list[dict[str, Any]] = field(default_factory=list)
    models: list[dict[str, Any]] = field(default_factory=list)
    edges: list[dict[str, Any]] = field(default_factory=list)
    conflicts: list[dict[str, Any]] = field(default_factory=list)
    n_models: int = 0
    notes: list[str] = field(default_factory=list)
    run_id: str = ""

    @property
    def n_failed(self) -> int:
        """How many pairs have no overlap."""
        return sum(row["status"] == "failed" for row in self.results)


def read_matrix(
    matrix_path: Path, study: str, relationships_path: Path | None, bottom_k: int | None, observed_at: datetime
) -> MatrixImport:
    """Read and check a matrix, and the relationships beside it.

    Raises UsageError for a blank study or a k below 1; InputError for a matrix that is not square
    over the same models, a cell outside 0..1 (empty and -1 are failed pairs), and a relationship
    that names no model.
    """
    study_id = study.strip()
    if not study_id:
        raise UsageError("The study needs a name: give --study NAME.")
    if bottom_k is not None and not 1 <= bottom_k < _INT32_END:
        raise UsageError("--bottom-k must be 1 or more.")
    counts: Counter[str] = Counter()
    file = _read_square(matrix_path)
    result = MatrixImport(study_id, [file], n_models=len(file.rows))
    for row in file.rows:
        base = row.text(_BASE)
        for model_id in file.columns[1:]:
            ratio = _ratio(row, model_id)
            if base.lower() == model_id.lower():
                counts["cells on the diagonal, left out"] += 1
                counts["cells on the diagonal that are not 1"] += ratio != 1
                continue
            result.results.append(
                {
                    "study_id": study_id,
                    "base_model_id": base,
                    "derived_model_id": model_id,
                    "bottom_k": bottom_k,
                    "avg_overlap_ratio": ratio,
                    "status": "failed" if ratio is None else "ok",
                }
            )
    if relationships_path is not None:
        in_matrix = {model_id.lower() for model_id in file.columns[1:]}
        _read_relationships(result, relationships_path, in_matrix, observed_at, counts)
    result.notes += [f"{what}: {count}" for what, count in counts.items() if count]
    return result


_BASE: Final = ""
"""The name under which a matrix's first column is kept; the file may call it anything."""


def _read_square(path: Path) -> CsvFile:
    records, digest = read_records(path)
    header_line, header = records[0]
    models = [name.strip() for name in header[1:]]
    if not models:
        raise InputError(f"{path}, line {header_line}: the header names no model; nothing was imported.")
    for position, model_id in enumerate(models, start=2):
        if problem := model_id_problem(model_id):
            raise InputError(f"{path}, line {header_line}, column {position}: {problem}; nothing was imported.")
    _check_repeated(path, header_line, models)
    columns = (_BASE, *models)
    rows = []
    for line, record in records[1:]:
        check_width(path, line, record, ("1 (the base)", *models), is_last=line == records[-1][0])
        row = Row(path, line, dict(zip(columns, record, strict=True)))
        if problem := model_id_problem(row.text(_BASE)):
            raise row.error("1 (the base)", problem)
        rows.append(row)
    _check_repeated(path, records[-1][0], [row.text(_BASE) for row in rows])
    bases = {row.text(_BASE).lower() for row in rows}
    if bases != {model_id.lower() for model_id in models}:
        missing = next((name for name in models if name.lower() not in bases), None)
        problem = f"{missing} has a column and no row" if missing else "a row has no column"
        raise InputError(
            f"{path}, line {records[-1][0]}: {len(rows)} rows for {len(models)} columns ({problem}), so the matrix is "
            "not square or cut off; nothing was imported."
        )
    return CsvFile(path, columns, tuple(rows), digest)


def _check_repeated(path: Path, line: int, names: Sequence[str]) -> None:
    lowered = Counter(name.lower() for name in names)
    for name in names:
        if lowered[name.lower()] > 1:
            raise InputError(f"{path}, line {line}: {name} appears twice; nothing was imported.")


def _ratio(row: Row, column: str) -> float | None:
    """Return a cell's overlap; None for an empty cell or -1."""
    if not row.text(column):
        return None
    ratio = row.number(column)
    if ratio == FAILED_RATIO:
        return None
    if not 0 <= ratio <= 1:
        raise row.error(column, f"{ratio} is outside 0..1 (and is not -1, a failed pair)")
    return ratio


def _read_relationships(
    result: MatrixImport, path: Path, in_matrix: set[str], observed_at: datetime, counts: Counter[str]
) -> None:
    file = read_csv(path, RELATIONSHIP_COLUMNS)
    result.files.append(file)
    if unused := file.unused(RELATIONSHIP_COLUMNS):
        result.notes.append(f"{path}: columns that are not used: {', '.join(unused)}")
    models = KeyedRecords("hub_models", "model_id")
    edges: dict[tuple[str, str], dict[str, Any]] = {}
    other_kinds: Counter[str] = Counter()
    for row in file.rows:
        model_id = row.model_id("model_id")
        kind = row.text("relationship_type")
        parents = _parents(row)
        relation = RELATIONS.get(kind.lower())
        is_known = kind.lower() in {*RELATIONS, NONE}
        if parents and not is_known:
            other_kinds[kind or "(none given)"] += 1
        if not parents and kind.lower() in RELATIONS:
            counts["models of a kind that has a parent, without one"] += 1
        for parent in parents:
            edge = {"source_model_id": parent, "target_model_id": model_id, "relation": relation}
            if edges.setdefault((parent.lower(), model_id.lower()), edge)["relation"] is None:
                edges[parent.lower(), model_id.lower()] = edge
        values = {
            "observed_at": observed_at,
            "model_id": model_id,
            "author": owner_of(model_id),
            "card_data": json.dumps({"declared_type": kind}) if kind and kind.lower() != NONE else None,
        }
        models.add((model_id,), row, values)
    result.models, result.edges, result.conflicts = models.rows, list(edges.values()), models.conflicts
    result.notes += models.notes("models of the relationships")
    counts["models of the matrix that the relationships do not list"] = len(in_matrix - {key for (key,) in models.keys})
    if other_kinds:
        listed = ", ".join(f"{kind} ({count})" for kind, count in sorted(other_kinds.items()))
        result.notes.append(f"{path}: kinds of relationship kept as a parent of no stated relation: {listed}")


def _parents(row: Row) -> list[str]:
    """Return the parents in ``base_model``: separated by semicolons, NONE or empty for no known one."""
    text = row.text("base_model").strip("; ")
    if not text or text.lower() == NONE:
        return []
    parents: list[str] = []
    for parent in _SEPARATOR.split(text):
        if problem := model_id_problem(parent):
            raise row.error("base_model", problem)
        if parent not in parents:
            parents.append(parent)
    return parents


def import_matrix(
    matrix_path: Path,
    study: str,
    relationships_path: Path | None = None,
    bottom_k: int | None = None,
    observed_at: str | None = None,
) -> MatrixImport:
    """Check the files, then write results, models and edges as one run."""
    instant = parse_observed_at(observed_at)
    result = read_matrix(matrix_path, study, relationships_path, bottom_k, instant)
    params = {
        "kind": "matrix",
        "study": result.study_id,
        "bottom_k": bottom_k,
        "files": [file.provenance() for file in result.files],
        "notes": result.notes,
    }
    with load("import", params=params) as run:
        run.add("overlap_results", result.results)
        run.add("hub_models", result.models)
        run.add("hub_edges", result.edges)
        run.add("import_conflicts", result.conflicts)
        run.observes(OBSERVED_COLUMNS)
        result.run_id = run.run_id
    return result
