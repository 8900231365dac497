"""Claims and warehouses made for the tests of the audit."""

import csv
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from modelkin.warehouse import connect
from reports.claims.claim import Claim
from tests.python.conftest import ROOT

QWEN, TINYLLAMA = "Qwen/Qwen2.5-0.5B", "TinyLlama/TinyLlama-1.1B-Chat-v1.0"
SEED = ROOT / "seeds" / "published_claims.csv"

WHOLE = {"min_downloads", "max_downloads", "versus_min_downloads", "versus_max_downloads", "decimals", "rounded_inputs"}
REAL = {"min_overlap", "max_overlap", "published_value", "published_upper"}

FCT_OVERLAPS = pa.schema(
    [
        ("study_id", pa.string()),
        ("base_model_id", pa.string()),
        ("derived_model_id", pa.string()),
        ("family_label", pa.string()),
        ("relation", pa.string()),
        ("declared_relation", pa.string()),
        ("overlap_ratio", pa.float64()),
        ("is_valid", pa.bool_()),
        ("derived_downloads", pa.int64()),
        ("download_tier", pa.string()),
        ("quality", pa.string()),
        ("lineage_score", pa.float64()),
    ]
)


def pair(
    base: str,
    name: str,
    relation: str,
    overlap: float | None,
    downloads: int | None,
    *,
    study: str = "original",
    **more,
) -> dict[str, Any]:
    """Return a row of fct_overlaps; the confidence is the published one."""
    confidence = 0.0 if downloads is None else 1.0 if downloads > 100 else 0.7 if downloads > 10 else 0.3
    return {
        "study_id": study,
        "base_model_id": base,
        "derived_model_id": name,
        "family_label": base,
        "relation": relation,
        "declared_relation": relation,
        "overlap_ratio": overlap,
        "is_valid": overlap is not None,
        "derived_downloads": downloads,
        "download_tier": "not read",
        "quality": "not read",
        "lineage_score": None if overlap is None or downloads is None else overlap * confidence,
        **more,
    }


def overlaps_table(rows: Iterable[dict[str, Any]]) -> pa.Table:
    """Return rows as the table that the runner reads."""
    return pa.Table.from_pylist(list(rows), schema=FCT_OVERLAPS)


def seed_rows() -> list[dict[str, Any]]:
    """Return the rows of the seed with the types that dbt gives them."""
    with SEED.open(newline="", encoding="utf-8") as file:
        return [{name: typed(name, text) for name, text in row.items()} for row in csv.DictReader(file)]


def typed(name: str, text: str) -> str | int | float | None:
    """Return a cell of the seed with the type of its column."""
    if text == "":
        return None
    return int(text) if name in WHOLE else float(text) if name in REAL else text


@pytest.fixture(scope="session")
def claims() -> dict[str, Claim]:
    """The claims of the seed by their id."""
    return {row["claim_id"]: Claim.of(row) for row in seed_rows()}


@pytest.fixture
def made(warehouse_file: Path) -> Callable[..., Path]:
    """Write pairs and claims as the marts that the audit reads; the warehouse."""

    def write(pairs: Iterable[dict[str, Any]], rows: Iterable[dict[str, Any]] | None = None) -> Path:
        claims = pa.Table.from_pylist(seed_rows() if rows is None else list(rows))
        with connect(warehouse_file) as connection:
            connection.execute("create schema if not exists marts")
            for name, table in (("fct_overlaps", overlaps_table(pairs)), ("dim_published_claims", claims)):
                connection.from_arrow(table).create(f"marts.{name}")
        return warehouse_file

    return write
