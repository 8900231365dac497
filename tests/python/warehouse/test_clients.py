"""Older and newer DuckDB clients open the warehouse that dbt and the extractors wrote."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from modelkin.warehouse import load
from tests.python.warehouse.conftest import Project

pytestmark = pytest.mark.xdist_group("original")

COUNT_EVERY_MART = """
import json, sys
sys.path.insert(0, sys.argv[1])
import duckdb
connection = duckdb.connect(sys.argv[2], read_only=True)
names = connection.execute(
    "select table_name from duckdb_tables() where schema_name = 'marts' order by 1"
).fetchall()
counts = {name: connection.table("marts." + name).count("*").fetchall()[0][0] for (name,) in names}
print(json.dumps([duckdb.__version__, counts]))
"""


@pytest.fixture(scope="session")
def empty_warehouse(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = Project(tmp_path_factory.mktemp("clients"))
    with load("import", path=project.path):
        pass
    project.dbt("run", "--empty")
    return project


@pytest.fixture(scope="session")
def built_warehouse(request: pytest.FixtureRequest) -> Project:
    """The published study where its files are present, else a warehouse without rows."""
    try:
        return request.getfixturevalue("original")
    except pytest.skip.Exception:
        return request.getfixturevalue("empty_warehouse")


@pytest.mark.parametrize("version", ["1.4", "1.5", "2.0"])
def test_a_client_of_each_version_counts_the_rows_of_every_mart(
    version: str, built_warehouse: Project, tmp_path_factory: pytest.TempPathFactory
) -> None:
    client = tmp_path_factory.mktemp(f"duckdb-{version}")
    installed = subprocess.run(
        [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", str(client), f"duckdb=={version}.*"],
        capture_output=True,
        text=True,
        check=False,
    )
    if installed.returncode != 0:
        pytest.skip(f"DuckDB {version} cannot be installed here: {installed.stderr.strip().splitlines()[-1]}")
    done = subprocess.run(
        [sys.executable, "-I", "-c", COUNT_EVERY_MART, str(client), str(built_warehouse.path)],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(client),
    )
    assert done.returncode == 0, done.stderr
    found_version, counts = json.loads(done.stdout)
    assert found_version.startswith(version)
    assert "fct_overlaps" in counts
    assert len(counts) >= 12
