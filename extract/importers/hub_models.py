"""Hub metadata saved as CSV, one row per model and the base model under which it was found."""

import ast
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from extract.importers.conflicts import KeyedRecords
from extract.importers.tables import CsvFile, Row, read_csv
from modelkin.errors import UsageError
from modelkin.model_ids import model_id_problem, owner_of, shorten
from modelkin.warehouse import load, utc_now

REQUIRED: Final = ("base_model", "model_id", "downloads", "likes", "last_modified", "pipeline_tag", "tags")
OBSERVED_COLUMNS: Final = ("author", "downloads", "likes", "last_modified", "pipeline_tag", "tags", "base_models")
"""The columns of ``raw.hub_models`` that such a list carries."""

LATEST_AHEAD: Final = timedelta(days=1)
"""How far in the future a date of observation may lie: a day, since zones differ and clocks run ahead."""


@dataclass
class ModelsImport:
    """Checked models of one or more files, ready to be written as one run."""

    files: list[CsvFile]
    rows: list[dict[str, Any]]
    conflicts: list[dict[str, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    run_id: str = ""


def parse_observed_at(text: str | None) -> datetime:
    """Return the instant that ``--observed-at`` names (UTC unless it says otherwise), or the present one."""
    if text is None:
        return utc_now()
    try:
        instant = to_utc(datetime.fromisoformat(text.strip()))
    except (ValueError, OverflowError) as error:
        problem = f"--observed-at {shorten(text)} is not a date"
        raise UsageError(
            f"{problem}: write it as 2025-06-30 or 2025-06-30T12:00, in UTC or with its offset (+02:00)."
        ) from error
    if instant > utc_now() + LATEST_AHEAD:
        raise UsageError(
            f"--observed-at {shorten(text)} lies in the future; give the day on which the data were taken."
        )
    return instant


def to_utc(instant: datetime) -> datetime:
    """Return ``instant`` in UTC without a zone; one without a zone is taken as UTC."""
    return instant.astimezone(UTC).replace(tzinfo=None) if instant.tzinfo else instant


def read_model_files(paths: Sequence[Path], observed_at: datetime) -> ModelsImport:
    """Read and check saved Hub metadata.

    ``base_model`` becomes an entry of ``base_models``. A model found under several bases is one row
    with several entries; the same model with other values is kept by the rule of
    ``extract.importers.conflicts``.
    """
    if not paths:
        raise UsageError("Name at least one CSV file to import.")
    result = ModelsImport([], [])
    models = KeyedRecords("hub_models", "model_id", united=("base_models",))
    for path in paths:
        file = read_csv(path, REQUIRED)
        result.files.append(file)
        unused = file.unused(REQUIRED)
        if unused:
            result.notes.append(f"{path}: columns that are not used: {', '.join(unused)}")
        for row in file.rows:
            values = {**_parse(row), "observed_at": observed_at}
            models.add((values["model_id"],), row, values)
    result.rows, result.conflicts = models.rows, models.conflicts
    result.notes += models.notes("models")
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
        run.add("import_conflicts", result.conflicts)
        run.observes(OBSERVED_COLUMNS)
        result.run_id = run.run_id
    return result
