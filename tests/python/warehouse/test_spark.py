"""Spark builds what DuckDB builds, over two days: the demo, a generated study, a long chain and a long cycle.

It needs Java 17 and the extra `spark`, and takes minutes. Where it is skipped, nothing proves that the engines agree.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import duckdb
import pytest

from bench.matrix import Size, make_warehouse
from modelkin.warehouse import load
from tests.python.warehouse.conftest import Project
from tests.python.warehouse.test_daily import FIRST, SECOND, measure, measure_again, write

CHAIN = 200
CYCLE = 12
JAVA_FROM = 17
STUDY = Size.parse("24x4")
FILLED = {
    *("dim_models", "dim_families", "fct_lineage_edges", "bridge_model_ancestors", "bridge_model_roots"),
    *(
        "fct_overlaps",
        "mart_overlap_by_k",
        "mart_overlap_by_tier",
        "mart_overlap_distribution",
        "mart_overlap_validity",
    ),
    *("mart_threshold_curve", "mart_filter_strategies", "mart_lineage_candidates", "mart_lineage_evaluation"),
    *("mart_model_changes", "fct_model_observations", "fct_hub_events"),
}
"""Marts that must have rows, so that it is not nothing that is equal."""


def why_not() -> str | None:
    """Return what this machine lacks to run Spark; None where it can."""
    java = shutil.which("java", path=f"{os.environ.get('JAVA_HOME', '')}/bin{os.pathsep}{os.environ['PATH']}")
    if java is None or not (find_spec("pyspark") and find_spec("dbt.adapters.spark")):
        return "the extra `spark` and Java 17 are not both here"
    said = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
    version = re.search(r'version "(\d+)', said)
    return None if version and int(version[1]) >= JAVA_FROM else f"Java {JAVA_FROM} or newer is needed"


pytestmark = [
    pytest.mark.skipif(why_not() is not None, reason=f"{why_not()}: that Spark gives what DuckDB gives is not proven"),
    pytest.mark.xdist_group("demo"),
]


def program(name: str) -> str:
    """Return the path of a program of this environment."""
    return str(Path(sys.executable).with_name(name))


class Engines:
    """One warehouse, built by DuckDB in its file and by Spark in a folder beside it."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.spark = project.folder / "spark"

    def on_spark(self, *arguments: str) -> None:
        """Hand Spark the raw data as it is now, and run dbt there."""
        self.project.run(program("modelkin"), "export", "raw", "--out", str(self.spark / "raw"))
        places = ("--target-path", str(self.spark / "target"), "--log-path", str(self.spark))
        self.project.run(program("dbt"), *arguments, "--target", "spark", *places)

    def rows(self, query: str) -> list[tuple]:
        """Ask the warehouse file."""
        with duckdb.connect(str(self.project.path), read_only=True) as connection:
            return connection.execute(query).fetchall()


def lineage(prefix: str, n_edges: int, *, is_cycle: bool) -> list[dict[str, str]]:
    """Return the edges of a chain, each model the parent of the next, or of a cycle."""
    names = [f"{prefix}/m-{number:03}" for number in range(n_edges if is_cycle else n_edges + 1)]
    children = [*names[1:], names[0]] if is_cycle else names[1:]
    return [
        {"source_model_id": child, "target_model_id": parent, "relation": "finetune"}
        for parent, child in zip(names, children, strict=False)
    ]


@pytest.fixture(scope="module")
def engines(demo: Project, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engines]:
    """The demo with a generated study and lineage, built on both engines on a first day and on a second."""
    project = Project(tmp_path_factory.mktemp("spark"))
    shutil.copyfile(demo.path, project.path)
    built = Engines(project)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MODELKIN_SPARK", str(built.spark))
        patch.setenv("MODELKIN_SPARK_MEMORY", "1g")
        project.extract("dump", write(project.folder, "first.parquet", FIRST), "--observed-at", "2026-11-01")
        measure(project)
        make_warehouse(project.path, STUDY)
        with load("import", params={"made": "lineage"}, path=project.path) as run:
            run.add("hub_edges", lineage("chain", CHAIN, is_cycle=False))
            run.add("hub_edges", lineage("cycle", CYCLE, is_cycle=True))
        project.run(program("modelkin"), "build")
        built.on_spark("build", "--select", "+model_meanings", "--exclude-resource-type", "unit_test")

        second = write(project.folder, "second.parquet", SECOND)
        project.extract("dump", second, "--observed-at", "2026-11-02", "--partial")
        measure_again(project)
        project.run(program("modelkin"), "build")
        built.on_spark("build")
        yield built


def test_every_relation_is_equal(engines: Engines) -> None:
    compared = engines.project.run(sys.executable, "-m", "bench.spark_equality", check=False)
    assert compared.returncode == 0, compared.stdout[-4000:] + compared.stderr[-4000:]
    *_, empty, total = compared.stdout.splitlines()
    print(empty, total, sep="\n")
    found = re.fullmatch(r"([\d,]+) relations, ([\d,]+) rows compared, (\d+) relations .*, 0 that differ", total)
    assert found, total
    assert not FILLED & set(re.findall(r"marts\.(\w+)", empty)), empty


def test_the_second_day_is_history_on_spark_too(engines: Engines) -> None:
    changes = engines.rows("select property from marts.mart_model_changes where model_id = 'o/CHANGES' order by 1")
    assert changes == [("declared_types",), ("gated",), ("license",), ("parents",)]


def test_long_chains_and_cycles_are_followed_to_their_end(engines: Engines) -> None:
    walks = "select count(*), max(distance) from marts.bridge_model_ancestors where model_id like 'chain/%'"
    assert engines.rows(walks) == [(CHAIN * (CHAIN + 1) // 2, CHAIN)]
    edges = "select count(*), count(*) filter (where is_cycle_breaker) from marts.fct_lineage_edges "
    assert engines.rows(edges + "where child_model_id like 'cycle/%'") == [(CYCLE, 1)]


def test_marts_come_back_as_duckdb_makes_them(engines: Engines) -> None:
    columns = (
        "select table_name, column_name, data_type, comment from duckdb_columns() where schema_name = 'marts' "
        "order by table_name, column_index"
    )
    promised = (
        "select table_name, column_name from duckdb_columns() where schema_name = 'marts' and not is_nullable "
        "and table_name not in (select view_name from duckdb_views())"
    )
    counts = "select table_name, estimated_size from duckdb_tables() where schema_name = 'marts' order by 1"
    before = [engines.rows(query) for query in (columns, promised, counts)]
    manifest = str(engines.spark / "target" / "manifest.json")
    engines.project.run(program("modelkin"), "import-marts", "--manifest", manifest)
    assert engines.rows(columns) == before[0]
    # What is a view on DuckDB comes back as a table, which keeps the promises of its contract too.
    assert set(engines.rows(promised)) >= set(before[1])
    after = dict(engines.rows(counts))
    assert {name: n for name, n in before[2] if name not in {"fct_builds", "fct_build_tests"}}.items() <= after.items()
    assert "hold every run" in engines.project.run(program("modelkin"), "status").stdout
