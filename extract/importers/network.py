"""A crawled network: ``edges.csv`` (source is the parent) and ``metadata.csv``.

The type that the metadata declares is kept word for word in ``card_data`` as ``declared_type``:
it is the source's own judgement, and need not follow from the edges. Self-loops and edges to
models that the metadata does not list come in as they are and are counted; staging deals with them.
"""

import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from extract.importers.conflicts import KeyedRecords
from extract.importers.hub_models import parse_observed_at
from extract.importers.tables import CsvFile, Row, read_csv
from modelkin.model_ids import owner_of, shorten
from modelkin.warehouse import load

EDGE_COLUMNS: Final = ("source", "target", "edge")
METADATA_COLUMNS: Final = ("id", "type", "owner", "architecture")

RELATIONS: Final[dict[str, str | None]] = {
    "quantized": "quantized",
    "finetuned": "finetune",
    "finetune": "finetune",
    "merged": "merge",
    "merge": "merge",
    "adapter": "adapter",
    "base": None,
}
"""What the edge words of published networks mean here; ``base`` says no more than that there is a parent."""

UNKNOWN: Final = "unknown"

OBSERVED_COLUMNS: Final = ("author", "architecture")
"""The columns of ``raw.hub_models`` that a network's metadata carries; of the card it knows the declared type alone."""


@dataclass
class NetworkImport:
    """Checked edges and models, ready to be written as one run."""

    files: list[CsvFile]
    edges: list[dict[str, Any]]
    models: list[dict[str, Any]]
    conflicts: list[dict[str, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    run_id: str = ""


def read_network(edges_path: Path, metadata_path: Path, observed_at: datetime) -> NetworkImport:
    """Read and check a network's two files.

    Raises InputError for an unknown edge or type word, and for all that ``read_csv`` refuses. A model
    that the metadata describes twice counts once, by the rule of ``extract.importers.conflicts``.
    """
    edges_file = read_csv(edges_path, EDGE_COLUMNS)
    metadata_file = read_csv(metadata_path, METADATA_COLUMNS)
    result = NetworkImport([edges_file, metadata_file], [], [])
    for file, known in ((edges_file, EDGE_COLUMNS), (metadata_file, METADATA_COLUMNS)):
        unused = file.unused(known)
        if unused:
            result.notes.append(f"{file.path}: columns that are not used: {', '.join(unused)}")
    counts: Counter[str] = Counter()
    listed = _read_models(metadata_file, observed_at, result)
    seen: set[tuple[str, ...]] = set()
    strangers: set[str] = set()
    for row in edges_file.rows:
        edge = {
            "source_model_id": row.model_id("source"),
            "target_model_id": row.model_id("target"),
            "relation": RELATIONS[_word(row, "edge")],
        }
        key = tuple(str(value).lower() for value in edge.values())
        if key in seen:
            counts["edges that repeat another, counted once"] += 1
            continue
        seen.add(key)
        strangers.update({key[0], key[1]} - listed)
        counts["edges from a model to itself, kept as they are"] += key[0] == key[1]
        result.edges.append(edge)
    counts["models on an edge that the metadata does not list"] = len(strangers)
    result.notes += [f"{what}: {count}" for what, count in counts.items() if count]
    return result


def _read_models(file: CsvFile, observed_at: datetime, result: NetworkImport) -> set[str]:
    models = KeyedRecords("hub_models", "model_id")
    for row in file.rows:
        model_id = row.model_id("id")
        type_ = row.text("type")
        if type_ and type_.lower() != UNKNOWN:
            _word(row, "type")
        architecture = row.text_or_none("architecture")
        values = {
            "observed_at": observed_at,
            "model_id": model_id,
            "author": row.text_or_none("owner") or owner_of(model_id),
            "architecture": None if architecture and architecture.lower() == UNKNOWN else architecture,
            "card_data": json.dumps({"declared_type": type_}) if type_ and type_.lower() != UNKNOWN else None,
        }
        models.add((model_id,), row, values)
    result.models = models.rows
    result.conflicts = models.conflicts
    result.notes += models.notes("models of the metadata")
    return {key for (key,) in models.keys}


def _word(row: Row, column: str) -> str:
    word = row.text(column).lower()
    if word not in RELATIONS:
        known = ", ".join(RELATIONS)
        found = shorten(row.text(column)) if word else "nothing"
        raise row.error(column, f"{found} is not one of {known}")
    return word


def import_network(edges_path: Path, metadata_path: Path, observed_at: str | None = None) -> NetworkImport:
    """Check both files, then write ``raw.hub_edges`` and ``raw.hub_models`` as one run."""
    instant = parse_observed_at(observed_at)
    result = read_network(edges_path, metadata_path, instant)
    params = {
        "kind": "network",
        "observed_at": instant.isoformat(),
        "files": [file.provenance() for file in result.files],
        "notes": result.notes,
    }
    with load("import", params=params) as run:
        run.add("hub_edges", result.edges)
        run.add("hub_models", result.models)
        run.add("import_conflicts", result.conflicts)
        run.observes(OBSERVED_COLUMNS)
        result.run_id = run.run_id
    return result
