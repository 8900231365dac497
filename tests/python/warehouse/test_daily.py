"""What grows build by build, with a day of observations and of measurements, against what is built from scratch."""

import json
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from extract.overlap.counting import count_overlaps
from modelkin.warehouse import load
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
GROWING_BY_MEASUREMENTS = ("int_fingerprints_latest", "int_answers_paired", "int_overlaps_by_k")


def write(folder: Path, name: str, models: list[dict[str, Any]]) -> str:
    pq.write_table(pa.Table.from_pylist(models), folder / name)
    return str(folder / name)


def rows(project: Project, query: str) -> list[tuple]:
    with duckdb.connect(str(project.path), read_only=True) as connection:
        return connection.execute(query).fetchall()


def prompts(base: str, prompt_set: str) -> list[dict[str, Any]]:
    """Two prompts that a base wrote."""
    recipe = json.dumps({"study_id": "s", "bottom_k": 3})
    return [
        {"prompt_set_id": prompt_set, "base_model_id": base, "prompt_index": index, "text": "", "token_ids": [],
         "seed": 0, "recipe": recipe}
        for index in range(2)
    ]  # fmt: skip


def answers(model: str, prompt_set: str, *sets: list[int]) -> list[dict[str, Any]]:
    """What a model answered to the prompts of a set."""
    return [
        {"model_id": model, "prompt_set_id": prompt_set, "prompt_index": index, "vocab_size": 9, "bottom_k": ids,
         "tokenizer_hash": "t", "status": "ok"}
        for index, ids in enumerate(sets)
    ]  # fmt: skip


def failure(model: str, prompt_set: str) -> list[dict[str, Any]]:
    """The row of a model that could not be measured."""
    return [{"model_id": model, "prompt_set_id": prompt_set, "status": "failed", "failure_reason": "network"}]


def store(path: Path, *runs: list[dict[str, Any]]) -> None:
    """Write each list of rows as a run of its own, and count what they share."""
    for rows_of_run in runs:
        with load("overlap", path=path) as run:
            for row in rows_of_run:
                run.add("overlap_prompts" if "text" in row else "fingerprints", [row])
    count_overlaps(path)


def measure(project: Project) -> None:
    """Measure four models on the prompts of three bases; one of them fails, and one fails after it was measured."""
    everything = [
        *prompts("o/a", "of a"), *prompts("o/b", "of b"), *prompts("o/c", "of c"),
        *answers("o/a", "of a", [1, 2, 3], [4, 5, 6]), *answers("o/b", "of b", [1, 3, 5], [2, 4, 6]),
        *answers("o/c", "of c", [7, 8, 9], [6, 7, 8]), *answers("o/near", "of a", [2, 1, 3], [4, 5, 7]),
        *answers("o/near", "of b", [1, 2, 3], [4, 5, 6]), *answers("o/near", "of c", [9, 8, 7], [6, 5, 4]),
        *answers("o/far", "of a", [7, 8, 9], [1, 2, 3]), *answers("o/far", "of c", [1, 2, 3], [6, 7, 9]),
        *failure("o/late", "of a"),
    ]  # fmt: skip
    store(project.path, everything, failure("o/far", "of a"))


def measure_again(project: Project) -> None:
    """Change what was measured in every way in which it can change.

    The base c gets other prompts, which o/far is not measured on. The base b answers its own prompts otherwise, so all
    of its pairs change. o/near answers one prompt less. o/late can be measured now. o/new is measured for the first
    time, and fails after that.
    """
    again = [*prompts("o/c", "of c again"), *answers("o/c", "of c again", [1, 2, 3], [4, 5, 6])]
    store(
        project.path,
        [*again, *answers("o/near", "of c again", [3, 2, 1], [4, 6, 8])],
        answers("o/b", "of b", [3, 2, 1]),
        [*answers("o/near", "of a", [1, 2, 3]), *answers("o/late", "of a", [1, 5, 3], [4, 6, 5])],
        answers("o/new", "of a", [1, 2, 9], [4, 5, 8]),
        failure("o/new", "of a"),
    )


@pytest.fixture(scope="module")
def updated(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A warehouse built on the first day and updated on the second, then again with new measurements alone."""
    project = Project(tmp_path_factory.mktemp("daily"))
    project.extract("dump", write(project.folder, "first.parquet", FIRST), "--observed-at", "2026-11-01")
    measure(project)
    wanted = ("+fct_model_observations", "+mart_model_changes", "+mart_observation_issues", "+int_overlaps_by_k")
    project.dbt("build", "--indirect-selection", "buildable", "--select", *wanted)
    second = write(project.folder, "second.parquet", SECOND)
    project.extract("dump", second, "--observed-at", "2026-11-02", "--partial")
    project.dbt("build", "--selector", "daily")
    measure_again(project)
    with_measurements = ("tag:daily", "int_prompt_sets_latest", *GROWING_BY_MEASUREMENTS)
    project.dbt("run", "--select", *with_measurements)
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


def test_pairs_are_of_what_was_measured_last(updated: Project) -> None:
    pairs = rows(
        updated, "select prompt_set_id, derived_key, prompt_index, n_shared from intermediate.int_answers_paired "
        "order by all"
    )  # fmt: skip
    assert pairs == [
        ("of a", "o/far", 0, 0),
        ("of a", "o/far", 1, 0),
        ("of a", "o/late", 0, 2),
        ("of a", "o/late", 1, 3),
        ("of a", "o/near", 0, 3),
        ("of a", "o/new", 0, 2),
        ("of a", "o/new", 1, 2),
        ("of b", "o/near", 0, 3),
        ("of b", "o/near", 1, None),
        ("of c again", "o/near", 0, 3),
        ("of c again", "o/near", 1, 2),
    ]


def test_what_grew_is_what_a_full_build_makes(updated: Project) -> None:
    names = (*GROWING, *GROWING_BY_MEASUREMENTS)

    def grown() -> dict[str, list[tuple]]:
        return {name: sorted(rows(updated, f"from intermediate.{name}"), key=repr) for name in names}

    before = grown()
    assert all(before.values())
    updated.dbt("run", "--full-refresh", "--select", *names)
    assert grown() == before


def test_each_build_is_recorded_with_its_variables(updated: Project) -> None:
    builds = rows(updated, "select vars, dbt_version from marts.fct_builds")
    assert len(builds) == 2  # both updates; the first build was asked for other models alone
    for variables, version in builds:
        assert json.loads(variables)["fpr_bound"] == 0.01
        assert version.startswith("1.11.")


def test_what_became_of_each_test_is_recorded(updated: Project) -> None:
    ran = "select status, table_name, column_name, n_failures from marts.fct_build_tests where build_id in "
    tests = rows(updated, f"{ran} (select build_id from marts.fct_builds) order by all")
    assert ("pass", "fct_builds", "build_id", 0) in tests
    assert {status for status, *_others in tests} == {"pass"}
    assert len(tests) == rows(updated, "select count(distinct test_id) from marts.fct_build_tests")[0][0]


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


def test_a_variable_that_means_nothing_is_refused(updated: Project) -> None:
    for variables, sentence in REFUSED.items():
        said = updated.dbt("run-operation", "check_vars", "--vars", variables, check=False)
        assert said.returncode != 0
        assert sentence in said.stdout


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
