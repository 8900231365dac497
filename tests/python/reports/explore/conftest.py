"""A small warehouse whose families, merges, cycles and names are known."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import duckdb
import pytest

from reports.explore.catalogue import Catalogue, read_catalogue

SCRIPT: Final = "<script>alert(1)</script>"
LONG: Final = "o/" + "n" * 198
CHINESE: Final = "作者/模型-七"
HEBREW: Final = "o/מודל-שפה"
HOSTILE: Final = (SCRIPT, LONG, CHINESE, HEBREW)

MARTS: Final = """
    create schema marts;
    create table marts.dim_models (
        model_id varchar, author varchar, model_type varchar, primary_root_id varchar, depth integer,
        is_observed boolean, is_in_lineage boolean, created_at timestamp, downloads bigint, likes bigint,
        pipeline_tag varchar, library_name varchar, license varchar, is_license_known boolean, architecture varchar,
        is_architecture_inferred boolean, parameter_count bigint, gated varchar
    );
    create table marts.dim_authors (author varchar, country varchar);
    create table marts.fct_lineage_edges (
        parent_model_id varchar, child_model_id varchar, relation varchar, is_cycle_breaker boolean
    );
    create table marts.fct_overlaps (
        study_id varchar, base_model_id varchar, derived_model_id varchar, overlap_ratio double, relation varchar,
        invalid_reason varchar
    );
    create table marts.mart_lineage_candidates (
        study_id varchar, derived_model_id varchar, candidate_base_id varchar, rank bigint, is_declared_parent boolean,
        score double, overlap_ratio double
    );
"""
MODELS: Final = (
    # id, type, root, depth, downloads, created, licence, known, architecture, parameters
    ("a/root", "base", "a/root", 0, 900, "2023-01-15", "mit", True, "llama", 7_000_000_000),
    ("a/child", "finetune", "a/root", 1, 50, "2023-05-01", "mit", True, "llama", 7_000_000_000),
    ("a/grandchild", "quantized", "a/root", 2, 700, "2024-02-01", None, True, "llama", None),
    ("a/merge", "merge", "a/root", 1, 5, "2024-03-01", None, False, None, None),
    (SCRIPT, "finetune", "a/root", 1, 40, "2023-06-01", "apache-2.0", True, "llama", 7_000_000_000),
    (LONG, "finetune", "a/root", 1, 30, "2023-07-01", "apache-2.0", True, "llama", 7_000_000_000),
    ("b/root", "base", "b/root", 0, 60, "2023-02-01", "gemma", True, "gemma", 2_000_000_000),
    (CHINESE, "adapter", "b/root", 1, None, None, None, False, "gemma", None),
    (HEBREW, "finetune", "b/root", 1, 20, "2023-08-01", "mit", True, "gemma", 2_000_000_000),
    ("c/alone", "base", "c/alone", 0, 10, "2023-01-01", "mit", True, None, None),
    ("d/measured-only", "unknown", None, None, None, None, None, False, None, None),
)
EDGES: Final = (
    ("a/root", "a/child", "finetune", False),
    ("a/child", "a/grandchild", "quantized", False),
    ("a/root", "a/merge", "merge", False),
    ("b/root", "a/merge", "merge", False),
    ("a/grandchild", "a/root", "finetune", True),  # closes a cycle
    ("a/root", SCRIPT, "finetune", False),
    ("a/root", LONG, "finetune", False),
    ("b/root", CHINESE, "adapter", False),
    ("b/root", HEBREW, "finetune", False),
)
PAIRS: Final = (
    ("s", "a/root", "a/child", 0.8, "same", None),
    ("s", "b/root", "a/child", 0.01, "different", None),
    ("s", "a/root", "d/measured-only", None, None, "no_weights"),
)
CANDIDATES: Final = (
    ("s", "a/child", "a/root", 1, True, 0.5, 0.8),
    ("s", "a/child", "b/root", 2, False, 0.0, 0.01),
    ("s", HEBREW, "b/root", 2, True, 0.0, 0.02),
    ("s", "a/grandchild", "b/root", 1, False, 0.4, 0.6),
    ("s", "d/measured-only", "a/root", 1, False, 0.0, 0.03),
)


def fill(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the marts that the explorer reads."""
    connection.execute(MARTS)
    for id_, kind, root, depth, downloads, created, license_, known, architecture, parameters in MODELS:
        connection.execute(
            "insert into marts.dim_models values ($1, $2, $3, $4, $5, true, $6, $7, $8, 1, null, null, $9, $10, $11,"
            " false, $12, 'false')",
            [
                id_, id_.split("/")[0], kind, root, depth, root is not None, created, downloads, license_, known,
                architecture, parameters,
            ],
        )  # fmt: skip
    connection.execute("insert into marts.dim_authors values ('a', 'FR'), ('b', null)")
    connection.executemany("insert into marts.fct_lineage_edges values ($1, $2, $3, $4)", EDGES)
    connection.executemany("insert into marts.fct_overlaps values ($1, $2, $3, $4, $5, $6)", PAIRS)
    connection.executemany("insert into marts.mart_lineage_candidates values ($1, $2, $3, $4, $5, $6, $7)", CANDIDATES)


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    """The models of the small warehouse, read from a file that is open for reading alone."""
    path = tmp_path / "small.duckdb"
    with duckdb.connect(str(path)) as connection:
        fill(connection)
    with duckdb.connect(str(path), read_only=True) as connection:
        yield read_catalogue(connection)
