"""Warehouses with the tables that the dbt contracts promise, filled by hand."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import yaml

from reports.network.measures import MODEL_GRAPH
from reports.significance.tables import SIGNIFICANCE_TESTS

ROOT = Path(__file__).resolve().parents[4]
TYPES = {"string": "varchar", "int": "integer", "timestamp": "timestamp", "date": "date"}

HOSTILE_ID = "evil/<script>alert(1)</script>|[x](javascript:alert(2))"
HOSTILE_LABEL = '</script><img src=x onerror="alert(3)">*b*'


def contracts() -> dict[str, dict[str, str]]:
    """Return the columns and DuckDB types of every mart, by name."""
    marts = {}
    for path in sorted((ROOT / "models" / "marts").rglob("*.yml")):
        for model in yaml.safe_load(path.read_text(encoding="utf-8")).get("models") or []:
            marts[model["name"]] = {
                column["name"]: TYPES.get(column["data_type"], column["data_type"]) for column in model["columns"]
            }
    return marts


def make(path: Path, rows: Mapping[str, Iterable[Mapping[str, Any]]] | None = None, *, stats: bool = False) -> Path:
    """Create every mart at ``path`` with its contract's columns, and these rows in them; empty stats if asked."""
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema marts")
        for name, columns in contracts().items():
            listed = ", ".join(f'"{column}" {type_}' for column, type_ in columns.items())
            connection.execute(f'create table marts."{name}" ({listed})')
            for row in (rows or {}).get(name, ()):
                names = ", ".join(f'"{column}"' for column in row)
                marks = ", ".join("?" for _ in row)
                connection.execute(f'insert into marts."{name}" ({names}) values ({marks})', list(row.values()))
        if stats:
            connection.execute("create schema stats")
            for table in (SIGNIFICANCE_TESTS, MODEL_GRAPH):
                connection.from_arrow(table.schema.empty_table()).create(f"stats.{table.name}")
    return path


def add_tests(path: Path, tests: Iterable[Mapping[str, Any]]) -> None:
    """Add rows to stats.significance_tests."""
    with duckdb.connect(str(path)) as connection:
        rows = pa.Table.from_pylist([dict(test) for test in tests], schema=SIGNIFICANCE_TESTS.schema)
        connection.from_arrow(rows).insert_into("stats.significance_tests")


TIERS = ("zero", "1-10", "11-100", "101-1k", "over 1k", "unknown")
QUALITIES = ("low", "low", "medium", "high", "high", "unknown")
DOWNLOADS = (0, 7, 40, 300, 20_000, None)


def study_rows(
    study_id: str, label: str, *, n: int = 24, model_id: str = "org/model"
) -> dict[str, list[dict[str, Any]]]:
    """Return rows of one study with one family: same and different pairs, over all tiers, some of them failed."""
    pairs = []
    for place in range(n):
        relation = "same" if place % 2 else "different"
        tier = (place // 2) % len(TIERS)
        is_valid = place % 7 != 3
        overlap = (0.3 + (place % 13) / 20 if relation == "same" else 0.004 + place / 10_000) if is_valid else None
        pairs.append(
            {
                "study_id": study_id,
                "base_model_id": "org/base",
                "derived_model_id": f"{model_id}-{place}",
                "family_label": label,
                "relation": relation,
                "is_relation_disputed": False,
                "overlap_ratio": overlap,
                "is_valid": is_valid,
                "invalid_reason": None if is_valid else "gated",
                "prompt_count": 5 if is_valid else 0,
                "bottom_k": 2000,
                "derived_downloads": DOWNLOADS[tier],
                "download_tier": TIERS[tier],
                "quality": QUALITIES[tier],
                "is_suspect": False,
                "is_counted": True,
            }
        )
    groups = [
        {
            "study_id": study_id,
            "family_label": label,
            "relation": relation,
            "n_pairs": 2,
            "n_valid": 2,
            "mean_overlap": 0.4914,
            "median_overlap": 0.5147,
            "stddev_overlap": None,
            "min_overlap": 0.0024,
            "max_overlap": 1.0,
        }
        for relation in ("same", "different")
    ]
    return {
        "fct_overlaps": pairs,
        "mart_overlap_by_tier": [{**group, "download_tier": "1-10", "tier_order": 1} for group in groups],
        "mart_overlap_by_quality": [
            {**group, "quality": "low", "quality_order": 0, "ratio_same_to_different": 71.8} for group in groups
        ],
        "mart_overlap_validity": [
            {
                "study_id": study_id,
                "family_label": label,
                "relation": "same",
                "invalid_reason": reason,
                "is_valid": reason == "valid",
                "n_pairs": 3,
                "share": 0.5,
            }
            for reason in ("valid", "gated")
        ],
        "mart_overlap_by_k": [
            {
                "study_id": study_id,
                "family_label": label,
                "relation": relation,
                "k": k,
                "is_study_k": k == 4,
                "mean_overlap": (0.6 if relation == "same" else 0.01) + k / 100,
                "chance_overlap": k / 4096,
                "n_same": 12,
                "n_different": 11,
                "mean_gap": 0.59,
                "auc": 0.8125,
                "n_same_tokenizer_match": 10,
                "n_different_tokenizer_match": 0,
            }
            for k in (1, 2, 4)
            for relation in ("same", "different")
        ],
        "mart_identical_weights": [
            {
                "first_model_id": f"{model_id}-1",
                "model_id": f"{model_id}-{place}",
                "group_place": place,
                "n_models": 2,
                "created_at": "2026-01-02 03:04:05" if place == 1 else None,
                "is_first_created": place == 1,
                "downloads": 4321 if place == 1 else None,
                "is_declared": place == 2,
            }
            for place in (1, 2)
        ],
        "mart_overlap_anomalies": [
            {
                "study_id": study_id,
                "base_model_id": "org/base",
                "derived_model_id": f"{model_id}-1",
                "anomaly": "much_used_but_unlike",
                "family_label": label,
                "relation": "same",
                "overlap_ratio": 0.01,
                "derived_downloads": 500,
            }
        ],
        "mart_low_overlap_models": [
            {
                "study_id": study_id,
                "base_model_id": "org/base",
                "derived_model_id": f"{model_id}-3",
                "family_label": label,
                "overlap_ratio": 0.0125,
                "overlap_order": 1,
                "category": "text to speech",
                "matched_text": "<i>tts</i>",
            }
        ],
        "dim_models": [
            {
                "model_id": f"{model_id}-1",
                "model_type": "finetune",
                "primary_root_id": "org/base",
                "is_observed": True,
                "downloads": 1234567,
                "run_id": f"run-{study_id}",
                "license": "<b>mit</b>",
            }
        ],
        "dim_families": [
            {
                "family_id": model_id,
                "is_root_observed": False,
                "n_models": 3,
                "n_primary_models": 3,
                "n_observed_models": 2,
                "max_depth": 1,
            }
        ],
        "dim_download_tiers": [
            {"download_tier": tier, "tier_order": place, "quality": QUALITIES[place], "quality_order": place}
            for place, tier in enumerate(TIERS)
        ]
        if study_id == "original"
        else [],
        "fct_extract_runs": [
            {
                "run_id": f"run-{study_id}",
                "source": "import",
                "endpoint": "minihub" if study_id == "minihub" else None,
                "is_synthetic": study_id == "minihub",
                "params": '{"files": ["<script>alert(4)</script>"]}',
                "started_at": "2026-01-25 10:00:00",
                "finished_at": "2026-01-25 10:01:00",
                "status": "complete",
                "n_rows": 12,
                "code_version": "0.1.0",
                "library_versions": "{}",
            }
        ],
    }


def significance_rows(study_id: str, label: str) -> list[dict[str, Any]]:
    """Return a test of each headline's kind, with every verdict among them, and two cuts of a sweep."""
    kinds = [
        ("same_vs_different", "all", "permutation_of_means", "ratio_of_means", 71.8, "supported"),
        ("same_vs_different", "low", "permutation_of_means", "ratio_of_means", None, "not_testable"),
        ("same_vs_different", "low", "mann_whitney", "cliffs_delta", 0.93, "supported"),
        ("spread_by_downloads", "same_low_vs_higher", "brown_forsythe", "ratio_of_sds", 1.13, "underpowered"),
        ("spread_sweep", "same", "brown_forsythe_maximum", "ratio_of_sds", 0.775, "not_supported"),
        ("downloads_vs_overlap", "same", "spearman", "spearman_rho", -0.1743, "not_supported"),
        ("identification", "all", "auc", "auc", 0.9766, "supported"),
        ("filtering", "above_10", "fisher_exact", "difference_of_shares", -0.0034, "underpowered"),
        ("validity", "same_vs_different", "fisher_exact", "difference_of_shares", 0.109, "not_supported"),
    ]
    rows = [
        {
            "study_id": study_id,
            "family_label": label,
            "test_id": f"{question}/{scope}/{test}",
            "question": question,
            "scope": scope,
            "group_a": "same family",
            "group_b": "different family",
            "test_name": test,
            "statistic": 1.5,
            "p_value": 0.00001,
            "p_holm": 0.0004,
            "p_bh": 0.0004,
            "correction_family": "study",
            "effect_name": effect,
            "effect_size": size,
            "ci_low": None if size is None else size - 0.05,
            "ci_high": None if size is None else size + 0.05,
            "ci_level": None if size is None else 0.95,
            "ci_method": None,
            "n_a": 89,
            "n_b": 96,
            "verdict": verdict,
            "note": f"A note about {label}.",
        }
        for question, scope, test, effect, size, verdict in kinds
    ]
    cuts = [
        {
            **rows[4],
            "test_id": f"spread_sweep/same/cut_{cut}/brown_forsythe",
            "test_name": "brown_forsythe",
            "correction_family": "sweep/same",
        }
        for cut in (0, 10)
    ]
    return rows + cuts
