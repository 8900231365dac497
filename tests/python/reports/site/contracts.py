"""Warehouses with the tables that the dbt contracts promise, filled by hand."""

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import yaml

from reports.kinship.tables import LINEAGE_VERDICTS, MERGE_RECIPES, WEIGHT_TREES
from reports.kinship.tables import TABLES as KINSHIP
from reports.network.measures import MODEL_GRAPH
from reports.significance.tables import SIGNIFICANCE_TESTS

ROOT = Path(__file__).resolve().parents[4]
TYPES = {"string": "varchar", "int": "integer", "timestamp": "timestamp", "date": "date"}

HOSTILE_ID = "evil/<script>alert(1)</script>|[x](javascript:alert(2))"
HOSTILE_NAMES = ("o/" + "n" * 198, "作者/模型-七", "o/מודל-שפה 12")
"""Ids that are long, Chinese, or written from right to left."""

HOSTILE_LABEL = '</script><img src=x onerror="alert(3)">*b*'


STATS = (SIGNIFICANCE_TESTS, MODEL_GRAPH, *KINSHIP)


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
            for given in (rows or {}).get(name, ()):
                row = dict(given)
                if "n_with_downloads" in columns and "downloads" in row:
                    row.setdefault("n_with_downloads", 20)
                names = ", ".join(f'"{column}"' for column in row)
                marks = ", ".join("?" for _ in row)
                connection.execute(f'insert into marts."{name}" ({names}) values ({marks})', list(row.values()))
        if stats:
            connection.execute("create schema stats")
            for table in STATS:
                connection.from_arrow(table.schema.empty_table()).create(f"stats.{table.name}")
            connection.execute("create table stats.builds (table_name varchar not null, build_id varchar)")
            for table in STATS:
                connection.execute("insert into stats.builds values (?, 'build')", [table.name])
    return path


def add_tests(path: Path, tests: Iterable[Mapping[str, Any]]) -> None:
    """Add rows to stats.significance_tests."""
    with duckdb.connect(str(path)) as connection:
        rows = pa.Table.from_pylist([dict(test) for test in tests], schema=SIGNIFICANCE_TESTS.schema)
        connection.from_arrow(rows).insert_into("stats.significance_tests")


BUILD_TESTS = (("pass", "raw", 0), ("pass", "marts", 0), ("warn", "marts", 17), ("error", None, None))
"""Of each data test its result, the schema of its table, and the rows that break what it promises."""


def add_kinship(path: Path, model_id: str, parent_id: str) -> None:
    """Add to stats: a model whose declared parent is refuted, what it was made of, and a copy of it."""
    verdict = {
        "model_id": model_id, "parent_model_id": parent_id, "is_declared": True, "by_weights": "contradicted",
        "by_fingerprint": "confirmed", "both_witnesses_disagree": True, "confidence": 0.97, "verdict": "contradicted",
        "nearest_model_id": HOSTILE_ID, "reason": "They were trained independently.",
    }  # fmt: skip
    untested = {
        "model_id": parent_id, "parent_model_id": "gone/away", "is_declared": True, "by_weights": "not_testable",
        "by_fingerprint": "not_testable", "both_witnesses_disagree": False, "verdict": "not_testable",
        "reason": "gone/away was never observed.",
    }  # fmt: skip
    recipe = {
        "merge_model_id": model_id,
        "parent_model_id": HOSTILE_ID,
        "weight": 0.7,
        "method": "linear",
        "residual": 0.01,
    }
    tree = {
        "model_id": model_id, "family": parent_id, "depth": 1, "relation": "copy", "copy_of": HOSTILE_ID,
        "is_direction_known": False, "is_parent_absent": False, "confidence": 0.5, "evidence": "copies",
    }  # fmt: skip
    with duckdb.connect(str(path)) as connection:
        for table, rows in ((LINEAGE_VERDICTS, [verdict, untested]), (MERGE_RECIPES, [recipe]), (WEIGHT_TREES, [tree])):
            filled = pa.Table.from_pylist(rows, schema=table.schema)
            connection.from_arrow(filled).insert_into(f"stats.{table.name}")


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
        "fct_builds": [
            {
                "build_id": "build",
                "built_at": "2026-01-26 10:00:00",
                "modelkin_version": "0.1.0",
                "dbt_version": "1.11.0",
                "engine_version": "v2.0.0",
                "vars": '{"fpr_bound": 0.01}',
            }
        ]
        if study_id == "original"
        else [],
        "fct_build_tests": [
            {
                "test_id": f"test.{status}.{place}",
                "test_name": f"{status}_{place}",
                "build_id": "build",
                "schema_name": schema,
                "table_name": schema and "dim_models",
                "status": status,
                "n_failures": n_failures,
            }
            for place, (status, schema, n_failures) in enumerate(BUILD_TESTS)
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


def ecosystem_rows(name: str) -> dict[str, list[dict[str, Any]]]:
    """Return rows of the marts on the ecosystem; what people name themselves is called ``name`` somewhere.

    Of 40 observed models 20 are base models; 9 of 12 edges with both licences stated keep it.
    """
    types = (("base", 20, 900), ("finetune", 15, 90), ("quantized", 5, 10))
    months = (date(2024, 1, 1), date(2024, 5, 1), date(2025, 2, 1))
    names = [f"{name}{place}" for place in range(20)]
    return {
        "dim_models": [
            {
                "model_id": f"{name}/{place}",
                "author": f"{name}{place % 20}",
                "model_type": "base" if place < 20 else "finetune",
                "is_observed": True,
                "is_in_lineage": True,
                "created_at": months[place % 3],
                "downloads": place if place % 2 else None,
                "license": "mit",
                "architecture": name,
                "parameter_count": 1_000_000 * (place + 1) if place < 30 else None,
                "is_created_at_floored": False,
                "last_observed_on": date(2025, 3, 1),
                "run_id": "run-original",
            }
            for place in range(40)
        ],
        "mart_model_types": [
            {
                "model_type": kind,
                "n_models": n,
                "share_models": n / 40,
                "downloads": downloads,
                "share_downloads": downloads / 1000,
                "median_downloads": 3.0,
                "likes": n,
            }
            for kind, n, downloads in types
        ],
        "mart_monthly_releases": [
            {
                "created_in_month": month,
                "model_type": kind,
                "n_models": n,
                "n_authors": 1,
                "downloads": n,
                "n_floored": 0,
            }
            for month in months
            for kind, n, _ in types
        ],
        "mart_release_dynamics": [
            {
                "relation": "finetune",
                "n_bases": 1,
                "n_children": 3,
                "median_first_lag_days": 12.5,
                "mean_first_lag_days": 12.5,
                "share_within_week": 0.25,
                "median_lifespan_days": 100.0,
            }
        ],
        "dim_families": [
            {
                "family_id": f"{name}/{place}",
                "is_root_observed": True,
                "n_models": 2,
                "n_primary_models": 2,
                "n_observed_models": 2,
                "max_depth": 1,
                "downloads_weighted": 50.0,
            }
            for place in range(20)
        ],
        "bridge_model_roots": [
            {"model_id": f"{name}/{20 + place}", "root_model_id": f"{name}/{place}", "weight": 1.0}
            for place in range(20)
        ],
        "mart_family_downloads": [
            {"family_id": f"{name}/{place}", "model_type": "base", "n_models": 1, "share_of_family": 0.75}
            for place in range(20)
        ],
        "dim_authors": [
            {
                "author": author,
                "vendor": author,
                "vendor_type": "company",
                "country": "FR",
                "n_models": 2,
                "n_observed_models": 2,
                "n_base_models": 1,
                "downloads": 50,
                "likes": 1,
            }
            for author in names
        ],
        "mart_origins": [
            {"country": country, "vendor_type": "company", "n_authors": 10, "n_models": 20, "downloads": downloads}
            for country, downloads in (("FR", 600), ("unknown", 400))
        ],
        "mart_reputation": [
            {
                "author": author,
                "vendor_type": "company",
                "country": "FR",
                "n_models": 2,
                "downloads": 50,
                "likes": 1,
                "n_derived_by_others": 1,
                "n_following_authors": 1,
                "impact_score": 2.0 - place / 20,
                "impact_rank": place + 1,
            }
            for place, author in enumerate(names)
        ],
        "mart_concentration": [
            {
                "scope": scope,
                "n_holders": 20,
                "downloads": 1000.0,
                "share_top_1": 0.5,
                "share_top_10": 0.9,
                "share_top_100": 1.0,
                "gini": 0.625,
            }
            for scope in ("author", "vendor", "family")
        ],
        "mart_licenses": [
            {
                "license": license_,
                "license_family": family,
                "n_models": n,
                "share_models": n / 40,
                "n_base_models": n,
                "downloads": n,
                "share_downloads": n / 40,
                "n_with_license_file": n // 10,
                "n_files_known": n // 2,
            }
            for license_, family, n in ((name, "other", 10), ("mit", "permissive", 20), ("none", "none stated", 10))
        ],
        "mart_license_transitions": [
            {
                "relation": "finetune",
                "parent_license": parent,
                "child_license": child,
                "transition": transition,
                "n_edges": n,
            }
            for parent, child, transition, n in (
                ("mit", "mit", "kept", 9),
                ("mit", name, "unknown", 3),
                ("mit", "none", "dropped", 2),
            )
        ],
        "mart_license_adoption": [
            {"license_family": "permissive", "n_base_models": 20, "mean_log_downloads": 0.0, "mean_children": 0.5}
        ],
        "mart_tasks": [
            {"task": task, "n_models": 20, "share_models": 0.5, "downloads": 7, "share_downloads": 0.5}
            for task in (name, "none")
        ],
        "mart_task_shifts": [
            {
                "relation": "finetune",
                "parent_task": "fill-mask",
                "child_task": child,
                "is_shift": child == name,
                "n_edges": 6,
                "child_downloads": 5,
            }
            for child in (name, "none", "fill-mask")
        ],
        "mart_languages": [
            {"language": code, "language_name": name, "n_models": 4, "n_monolingual_models": 2, "downloads": 9}
            for code in ("fr", "x-own", "multilingual")
        ],
        "mart_cross_lingual_adaptation": [
            {
                "relation": "merge",
                "parent_language": "fr",
                "child_language": child,
                "adaptation": adaptation,
                "n_edges": 4,
                "child_downloads": 8,
            }
            for child, adaptation in (("fr", "kept"), ("x-own", "switched"))
        ],
        "mart_datasets": [
            {
                "dataset": dataset,
                "n_models": 1,
                "downloads": 2,
                "n_downstream_models": 20 - place,
                "downstream_downloads": 3,
            }
            for place, dataset in enumerate(names)
        ],
        "mart_architectures": [
            {"architecture": name, "created_in_quarter": quarter, "n_models": 13, "n_inferred": 1, "n_sized": 4}
            for quarter in (date(1970, 1, 1), date(2024, 1, 1), date(2024, 4, 1))
        ],
        "mart_techniques": [
            {"technique_kind": kind, "technique": kind + name, "n_models": 8, "n_tagged": 5, "downloads": 3}
            for kind in ("fine-tuning", "of their own")
        ],
        "mart_documentation": [
            {"topic": topic, "model_type": kind, "n_cards": 10, "n_mentioning": 4, "share_mentioning": 0.4}
            for topic in ("limitations", "bias", "risks")
            for kind in ("base", "finetune")
        ],
    }


def merged(*parts: Mapping[str, Iterable[Mapping[str, Any]]]) -> dict[str, list[Mapping[str, Any]]]:
    """Return the rows of all ``parts``, by mart."""
    names = dict.fromkeys(name for part in parts for name in part)
    return {name: [row for part in parts for row in part.get(name, ())] for name in names}


def significance_rows(study_id: str, label: str) -> list[dict[str, Any]]:
    """Return a test of each headline's kind, with every verdict among them, and two cuts of a sweep."""
    kinds = [
        ("same_vs_different", "all", "mann_whitney", "cliffs_delta", 0.98, "supported"),
        ("same_vs_different", "all", "permutation_of_means", "ratio_of_means", 71.8, "supported"),
        ("same_vs_different", "low", "permutation_of_means", "ratio_of_means", 70.5, "supported"),
        ("same_vs_different", "low", "mann_whitney", "cliffs_delta", 0.93, "supported"),
        ("spread_by_downloads", "same_low_vs_higher", "brown_forsythe", "ratio_of_sds", 1.13, "underpowered"),
        ("spread_sweep", "same", "brown_forsythe_maximum", "ratio_of_sds", 0.775, "contradicted"),
        ("downloads_vs_overlap", "same", "spearman", "spearman_rho", -0.1743, "not_settled"),
        ("identification", "all", "auc", "auc", 0.9766, "supported"),
        ("filtering", "above_10", "fisher_exact", "difference_of_shares", -0.0034, "underpowered"),
        ("validity", "same_vs_different", "fisher_exact", "difference_of_shares", 0.109, "no_difference"),
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
            "is_primary": test not in ("permutation_of_means",),
        }
        for question, scope, test, effect, size, verdict in kinds
    ]
    undoubted = [
        {
            **row,
            "test_id": f"{row['question']}/{scope}/{row['test_name']}",
            "scope": scope,
            "effect_size": row["effect_size"] - 0.0321,
            "n_a": 77,
            "verdict": verdict,
            "is_primary": False,
        }
        for row in rows
        for question, scope, verdict in (
            ("identification", "undoubted", "underpowered"),
            ("downloads_vs_overlap", "same_undoubted", "not_settled"),
        )
        if row["question"] == question
    ]
    cuts = [
        {
            **next(row for row in rows if row["question"] == "spread_sweep"),
            "is_primary": False,
            "test_id": f"spread_sweep/same/cut_{cut}/brown_forsythe",
            "test_name": "brown_forsythe",
            "correction_family": "sweep/same",
        }
        for cut in (0, 10)
    ]
    pooled = {
        **rows[0],
        "family_label": "all families",
        "test_id": "same_vs_different/all/random_effects",
        "test_name": "random_effects",
        "effect_name": "ratio_of_means",
        "effect_size": 7.204,
        "ci_low": 5.4,
        "ci_high": 9.5,
        "n_families": 68,
        "i_squared": 0.97,
        "tau_squared": 1.267,
        "prediction_low": 0.75,
        "prediction_high": 69.4,
    }
    counted = {
        **dict.fromkeys(rows[0]),
        "study_id": study_id,
        "family_label": "all families",
        "test_id": "same_vs_different/not_testable",
        "question": "same_vs_different",
        "scope": "not_testable",
        "group_a": "families without an answer",
        "group_b": "families",
        "test_name": "count",
        "effect_name": "n_not_testable",
        "effect_size": 12.0,
        "n_a": 3,
        "n_b": 71,
        "verdict": "not_testable",
        "note": "Not testable: 12 tests.",
        "is_primary": False,
    }
    return [*rows, *undoubted, *cuts, pooled, counted]
