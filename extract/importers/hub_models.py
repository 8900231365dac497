"""Hub metadata saved as CSV, one row a model and the base model under which it was found."""

import ast
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from extract.importers.tables import CsvFile, Row, read_csv
from modelkin.errors import InputError, UsageError
from modelkin.model_ids import model_id_problem, owner_of, shorten
from modelkin.warehouse import load, utc_now

REQUIRED: Final = ("base_model", "model_id", "downloads", "likes", "last_modified", "pipeline_tag", "tags")
JOINED: Final = frozenset({"model_id", "base_models"})
"""What may differ between two rows of one model."""


@dataclass
class ModelsImport:
    """Checked models of one or more files, ready to be written as one run."""

    files: list[CsvFile]
    rows: list[dict[str, Any]]
    notes: list[str] = field(default_factory=list)
    run_id: str = ""


def parse_observed_at(text: str | None) -> datetime:
    """Return the instant that ``--observed-at`` names (UTC unless it says otherwise), or the present one."""
    if text is None:
        return utc_now()
    try:
        return to_utc(datetime.fromisoformat(text.strip()))
    except (ValueError, OverflowError) as error:
        problem = f"--observed-at {shorten(text)} is no date"
        raise UsageError(f"{problem}: write it as 2025-06-30 or 2025-06-30T12:00.") from error


def to_utc(instant: datetime) -> datetime:
    """Return ``instant`` in UTC without a zone; one without a zone is taken as UTC."""
    return instant.astimezone(UTC).replace(tzinfo=None) if instant.tzinfo else instant


def read_model_files(paths: Sequence[Path], observed_at: datetime) -> ModelsImport:
    """Read and check saved Hub metadata.

    ``base_model`` becomes an entry of ``base_models``. A model found under several bases is one
    row with several entries; the same model with other values raises InputError.
    """
    if not paths:
        raise UsageError("Name at least one CSV file to import.")
    result = ModelsImport([], [])
    seen: dict[str, tuple[Row, dict[str, Any]]] = {}
    repeated = 0
    for path in paths:
        file = read_csv(path, REQUIRED)
        result.files.append(file)
        unused = file.unused(REQUIRED)
        if unused:
            result.notes.append(f"{path}: columns that are not used: {', '.join(unused)}")
        for row in file.rows:
            values = {**_parse(row), "observed_at": observed_at}
            key = values["model_id"].lower()
            if key not in seen:
                seen[key] = (row, values)
                result.rows.append(values)
                continue
            repeated += 1
            first_row, first = seen[key]
            differing = [
                name for name in values if name not in {"model_id", "base_models"} and values[name] != first[name]
            ]
            if differing:
                raise InputError(
                    f"{row.file}, line {row.line}, column {differing[0]}: {values['model_id']} was given another "
                    f"value in {first_row.file}, line {first_row.line}; nothing was imported."
                )
            first["base_models"] += [base for base in values["base_models"] if base not in first["base_models"]]
    if repeated:
        result.notes.append(f"rows that repeat a model, joined with the first: {repeated}")
    return result


def _parse(row: Row) -> dict[str, Any]:
    base = row.text_or_none("base_model")
    if base and (problem := model_id_problem(base)):
        raise row.error("base_model", problem)
    model_id = row.model_id("model_id")
    return {
        "model_id": model_id,
        "author": owner_of(model_id),
        "downloads": row.count_or_none("downloads"),
        "likes": row.count_or_none("likes"),
        "last_modified": _instant(row, "last_modified"),
        "pipeline_tag": row.text_or_none("pipeline_tag"),
        "tags": _tags(row),
        "base_models": [{"relation": None, "id": base}] if base else [],
    }


def _instant(row: Row, column: str) -> datetime | None:
    text = row.text(column)
    if not text:
        return None
    try:
        return to_utc(datetime.fromisoformat(text))
    except (ValueError, OverflowError) as error:
        raise row.error(column, f"{shorten(text)} is not a date") from error


def _tags(row: Row) -> list[str] | None:
    """Return the tags, written as a Python (or JSON) list of strings; None where there is no text."""
    text = row.text("tags")
    if not text:
        return None
    try:
        tags = ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError) as error:
        raise row.error("tags", f"{shorten(text)} is not a list of texts") from error
    if not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags):
        raise row.error("tags", f"{shorten(text)} is not a list of texts")
    return tags


def import_models(paths: Sequence[Path], observed_at: str | None = None) -> ModelsImport:
    """Check the files, then write their models to ``raw.hub_models`` as one run."""
    instant = parse_observed_at(observed_at)
    result = read_model_files(paths, instant)
    params = {
        "kind": "models",
        "observed_at": instant.isoformat(),
        "files": [file.provenance() for file in result.files],
        "notes": result.notes,
    }
    with load("import", params=params) as run:
        run.add("hub_models", result.rows)
        result.run_id = run.run_id
    return result
