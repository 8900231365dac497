"""A day of observations, built by `dbt build --selector daily`, against a warehouse that is built from scratch."""

import json
import sys
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.python.warehouse.conftest import Project

PARENT = "base_model:finetune:o/base"
FIRST = [
    {"id": "o/Base", "downloads": 100, "downloadsAllTime": 1000, "tags": ["license:mit"], "gated": "false"},
    {"id": "o/Changes", "downloads": 5, "downloadsAllTime": 50, "tags": ["license:mit", PARENT], "gated": "false"},
    {"id": "o/Counts", "downloads": 7, "downloadsAllTime": 70, "tags": ["license:mit"], "gated": "auto"},
    {"id": "o/Rests", "downloads": 9, "downloadsAllTime": 90, "tags": ["license:mit"], "gated": "false"},
]
SECOND = [
    {
        "id": "o/CHANGES",
        "downloads": 6,
        "downloadsAllTime": 40,
        "tags": ["license:apache-2.0", PARENT, "base_model:merge:o/counts"],
        "gated": "manual",
    },
    {"id": "o/Counts", "downloads": 8, "downloadsAllTime": 71, "tags": ["license:mit"], "gated": "auto"},
    {"id": "o/New", "downloads": 1, "downloadsAllTime": 1, "tags": [], "gated": "false"},
]
GROWING = ("int_models_latest", "int_observations_daily", "int_downloads_latest")


def write(folder: Path, name: str, models: list[dict[str, Any]]) -> str:
    pq.write_table(pa.Table.from_pylist(models), folder / name)
    return str(folder / name)


def rows(project: Project, query: str) -> list[tuple]:
    with duckdb.connect(str(project.path), read_only=True) as connection:
        return connection.execute(query).fetchall()


@pytest.fixture(scope="module")
def updated(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A warehouse built on the first day and updated on the second, then on the second again with nothing new."""
    project = Project(tmp_path_factory.mktemp("daily"))
    project.extract("dump", write(project.folder, "first.parquet", FIRST), "--observed-at", "2026-11-01")
    wanted = ("+fct_model_observations", "+mart_model_changes", "+mart_observation_issues")
    project.dbt("build", "--indirect-selection", "buildable", "--select", *wanted)
    second = write(project.folder, "second.parquet", SECOND)
    project.extract("dump", second, "--observed-at", "2026-11-02", "--partial")
    project.dbt("build", "--selector", "daily")
    project.dbt("build", "--selector", "daily")
    return project


def test_only_what_changed_its_meaning_is_a_change(updated: Project) -> None:
    changes = rows(
        updated, "select model_id, changed_at::date::text, property, value_before, value_after "
        "from marts.mart_model_changes order by property"
    )  # fmt: skip
    assert changes == [
        ("o/CHANGES", "2026-11-02", "declared_types", "finetune", "finetune,merge"),
        ("o/CHANGES", "2026-11-02", "gated", "false", "manual"),
        ("o/CHANGES", "2026-11-02", "license", "mit", "apache-2.0"),
        ("o/CHANGES", "2026-11-02", "parents", PARENT, f"{PARENT},base_model:merge:o/counts"),
    ]


def test_a_snapshot_holds_a_version_a_meaning_and_one_that_is_valid(updated: Project) -> None:
    versions = rows(
        updated, "select model_key, count(*), count(*) filter (where dbt_valid_to is null) "
        "from snapshots.model_meanings group by 1 order by 1"
    )  # fmt: skip
    assert versions == [("o/base", 1, 1), ("o/changes", 2, 1), ("o/counts", 1, 1), ("o/new", 1, 1), ("o/rests", 1, 1)]


def test_observations_are_of_both_days_under_the_newest_name(updated: Project) -> None:
    observations = rows(
        updated, "select model_id, observed_on::text, downloads from marts.fct_model_observations order by 1, 2"
    )
    assert observations == [
        ("o/Base", "2026-11-01", 100),
        ("o/CHANGES", "2026-11-01", 5),
        ("o/CHANGES", "2026-11-02", 6),
        ("o/Counts", "2026-11-01", 7),
        ("o/Counts", "2026-11-02", 8),
        ("o/New", "2026-11-02", 1),
        ("o/Rests", "2026-11-01", 9),
    ]
    issues = rows(updated, "select issue, observed_on::text, n_models from marts.mart_observation_issues order by 1")
    assert issues == [("downloads_all_time_fell", "2026-11-02", 1), ("partial_snapshot", "2026-11-02", 3)]


def test_what_grew_day_by_day_is_what_a_full_build_makes(updated: Project) -> None:
    def grown() -> dict[str, list[tuple]]:
        return {name: sorted(rows(updated, f"from intermediate.{name}"), key=repr) for name in GROWING}

    before = grown()
    assert all(before.values())
    updated.dbt("run", "--full-refresh", "--select", *GROWING)
    assert grown() == before


def test_each_build_is_recorded_with_its_variables(updated: Project) -> None:
    builds = rows(updated, "select vars, dbt_version from marts.fct_builds")
    assert len(builds) == 2  # both updates; the first build was asked for other models alone
    for variables, version in builds:
        assert json.loads(variables)["fpr_bound"] == 0.01
        assert version.startswith("1.11.")


def test_every_table_and_column_carries_its_description(updated: Project) -> None:
    # Seeds have theirs from `dbt seed` and `dbt build` alone: `dbt run` only fills in those that are missing.
    described = "schema_name in ('raw', 'staging', 'intermediate', 'marts')"
    bare = rows(
        updated,
        f"select table_name, column_name from duckdb_columns() where {described} and comment is null "
        f"union all select table_name, '' from duckdb_tables() where {described} and comment is null "
        f"union all select view_name, '' from duckdb_views() where {described} and comment is null",
    )
    assert bare == []
    layers = rows(updated, f"select distinct schema_name from duckdb_columns() where {described} order by 1")
    assert layers == [("intermediate",), ("marts",), ("raw",), ("staging",)]


REFUSED = {
    "{fpr_bund: 0.02}": "There is no variable fpr_bund; --vars takes ",
    "{fpr_bound: 2}": "The variable fpr_bound is a number from 0 to 1, and not 2.",
    "{fpr_bound: little}": "The variable fpr_bound is a number from 0 to 1, and not little.",
    "{exclude_suspect_pairs: 1}": "The variable exclude_suspect_pairs is true or false, and not 1.",
}
CHECK_EACH = """
import sys
from dbt.cli.main import dbtRunner

manifest = dbtRunner().invoke(["parse", *sys.argv[1:3]]).result
for variables in sys.argv[3:]:
    dbtRunner(manifest=manifest).invoke(["run-operation", "check_vars", *sys.argv[1:3], "--vars", variables])
"""
"""Checks variables one after the other with models that are parsed once; `dbt` parses them anew for every --vars."""


def test_a_variable_that_means_nothing_is_refused(updated: Project) -> None:
    target = str(updated.folder / "target")
    said = updated.run(sys.executable, "-c", CHECK_EACH, "--target-path", target, *REFUSED).stdout
    assert [sentence for sentence in REFUSED.values() if sentence not in said] == []


def test_a_correction_of_the_same_time_takes_the_place_of_what_it_corrects(updated: Project) -> None:
    corrected = [{**model, "tags": ["license:bsd", *model["tags"][1:]]} for model in SECOND[:1]]
    dump = write(updated.folder, "corrected.parquet", corrected)
    updated.extract("dump", dump, "--observed-at", "2026-11-02", "--partial")
    updated.dbt("build", "--selector", "daily")
    changes = rows(
        updated, "select property, value_before, value_after from marts.mart_model_changes order by property"
    )  # fmt: skip
    assert changes == [
        ("declared_types", "finetune", "finetune,merge"),
        ("gated", "false", "manual"),
        ("license", "mit", "bsd"),
        ("parents", PARENT, f"{PARENT},base_model:merge:o/counts"),
    ]


def test_a_warehouse_of_an_older_version_is_told_how_to_go_on(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.extract("dump", write(tmp_path, "first.parquet", FIRST), "--observed-at", "2026-11-01")
    with duckdb.connect(str(project.path)) as connection:
        connection.execute("create schema intermediate")
        connection.execute("create table intermediate.int_models_latest (model_key varchar)")
    refused = project.dbt("run", "--select", "+int_models_latest", check=False)
    assert refused.returncode != 0
    assert "Run `dbt build --full-refresh` once" in refused.stdout
    project.dbt("run", "--full-refresh", "--select", "+int_models_latest")
    assert rows(project, "select count(*) from intermediate.int_models_latest") == [(4,)]


def test_variables_are_checked_before_anything_is_built(updated: Project) -> None:
    variables, sentence = next(iter(REFUSED.items()))
    refused = updated.dbt("run", "--select", "dim_download_tiers", "--vars", variables, check=False)
    assert refused.returncode != 0
    assert sentence in refused.stdout
