"""A run that is forgotten leaves no trace in what is built afterwards."""

from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.python.warehouse.conftest import Project

WANTED = ("+dim_models", "+mart_model_changes", "+fct_model_observations", "+fct_builds")


def load(project: Project, day: int, license: str) -> str:
    models: list[dict[str, Any]] = [{"id": "o/m", "downloads": day, "tags": [f"license:{license}"], "gated": "false"}]
    path = project.folder / f"{day}.parquet"
    pq.write_table(pa.Table.from_pylist(models), path)
    done = project.extract("dump", str(path), "--observed-at", f"2026-11-{day:02}")
    return done.stdout.partition("(run ")[2].partition(")")[0]


def build(project: Project, *options: str, check: bool = True) -> str:
    done = project.dbt(
        "build", "--exclude-resource-type", "unit_test", "test", *options, "--select", *WANTED, check=check
    )
    return done.stdout


def state(project: Project) -> dict[str, list[tuple]]:
    queries = {
        "models": "select model_id, license, downloads, first_observed_on, last_observed_on from marts.dim_models",
        "changes": "select property, value_before, value_after, changed_at from marts.mart_model_changes order by all",
        "observations": "select observed_on, downloads from marts.fct_model_observations order by all",
        "versions": "select license, dbt_valid_from, dbt_valid_to from snapshots.model_meanings order by 2",
    }
    with duckdb.connect(str(project.path), read_only=True) as connection:
        return {name: connection.execute(query).fetchall() for name, query in queries.items()}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return Project(tmp_path_factory.mktemp("forgotten"))


def test_a_build_after_forgetting_equals_one_that_never_knew(project: Project, tmp_path: Path) -> None:
    load(project, 1, "mit")
    mistake = load(project, 2, "apache-2.0")
    build(project)
    load(project, 3, "mit")
    build(project)
    assert [change[:3] for change in state(project)["changes"]] == [("license", "apache-2.0", "mit")]
    project.extract("forget", mistake, "--yes")
    refused = build(project, check=False)
    assert "forgotten since the warehouse" in refused
    assert "--full-refresh" in refused
    # A full refresh of some tables would make the others look as if they were built after the forgetting.
    in_part = project.dbt("run", "--full-refresh", "--select", "fct_builds", check=False)
    assert "forgotten since the warehouse" in in_part.stdout
    build(project, "--full-refresh")
    known = state(project)
    assert known["models"][0][:3] == ("o/m", "mit", 3)
    assert known["changes"] == []
    assert [row[1] for row in known["observations"]] == [1, 3]
    assert known["versions"][-1][2] is None
    build(project)
    assert state(project) == known
