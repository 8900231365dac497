"""Absent is not null: a source without a column changes nothing, one that carries it empty does.

The recorded answers of the real Hub go through the same builds, where they are at hand.
"""

from collections.abc import Iterator
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from extract.hub.dump import load_dump
from modelkin.raw_schemas import HUB_MODELS
from tests.python.extract.hub.recorded_hub import recorded_models, recordings, serving_recordings
from tests.python.warehouse.conftest import Project

WHOLE: dict[str, Any] = {
    "author": "o",
    "sha": "a" * 40,
    "createdAt": "2024-01-01T00:00:00.000Z",
    "lastModified": "2024-02-01T00:00:00.000Z",
    "downloads": 5,
    "downloadsAllTime": 50,
    "likes": 3,
    "trendingScore": 1,
    "pipeline_tag": "text-generation",
    "library_name": "transformers",
    "gated": "auto",
    "private": False,
    "disabled": False,
    "tags": ["license:mit", "base_model:finetune:o/base"],
    "baseModels": '{"relation": "finetune", "models": [{"id": "o/base"}]}',
    "cardData": '{"base_model": "o/card-base"}',
    "config": '{"model_type": "llama"}',
    "safetensors": '{"total": 1000}',
    "usedStorage": 4000,
    "siblings": [{"rfilename": "LICENSE.md"}],
}
"""A dump's columns, each with a value."""

SHOWN: dict[str, str] = {
    "author": "author",
    "sha": "sha",
    "createdAt": "created_at",
    "lastModified": "last_modified_at",
    "downloads": "downloads",
    "likes": "likes",
    "pipeline_tag": "pipeline_tag",
    "library_name": "library_name",
    "gated": "gated",
    "tags": "license",
    "baseModels": "n_parents",
    "cardData": "n_parents",
    "config": "architecture",
    "safetensors": "parameter_count",
    "siblings": "has_license_file",
}
"""Which column of dim_models shows a column of the dump."""

LEFT_WHEN_NULL: dict[str, Any] = {"author": "o", "downloads": 5, "likes": 3, "baseModels": 2, "cardData": 1}
"""What dim_models still shows where a dump gives null: the owner stands in the id, a counter that is null is unknown,
and tags name the parent of base_models too; a null card takes its own parent back."""


def dump(project: Project, name: str, models: list[dict[str, Any]], day: int) -> None:
    path = project.folder / f"{name}.parquet"
    schema = pa.Table.from_pylist([{"id": "x", **WHOLE}]).schema
    columns = models[0].keys()
    pq.write_table(pa.Table.from_pylist(models, schema=pa.schema([f for f in schema if f.name in columns])), path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MODELKIN_DB", str(project.path))
        load_dump([str(path)], f"2026-11-{day:02}", is_partial=True)


def build(project: Project) -> None:
    wanted = ("+dim_models", "+mart_model_changes", "+mart_licenses", "+mart_size_issues", "+mart_model_renames")
    project.dbt("build", "--exclude-resource-type", "unit_test", "test", "--select", *wanted)


def shown(project: Project) -> dict[str, Any]:
    with duckdb.connect(str(project.path), read_only=True) as connection:
        rows = connection.sql("select * from marts.dim_models where model_id like 'o/m-%'").to_arrow_table()
    by_id = {row["model_id"].removeprefix("o/m-"): row for row in rows.to_pylist()}
    return {name: by_id[name][column] for name, column in SHOWN.items()}


def changes(project: Project) -> list[tuple]:
    with duckdb.connect(str(project.path), read_only=True) as connection:
        query = "select model_id, property, value_before, value_after from marts.mart_model_changes order by all"
        return connection.execute(query).fetchall()


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A warehouse that holds the recorded answers of the Hub, where they are at hand, and is not built yet."""
    made = Project(tmp_path_factory.mktemp("absent"))
    if (folder := recordings()) is not None:
        with pytest.MonkeyPatch.context() as patch, serving_recordings(folder) as endpoint:
            patch.setenv("HF_ENDPOINT", endpoint)
            made.extract("hub", "--all")
    return made


@pytest.fixture(scope="module")
def states(project: Project) -> Iterator[list[tuple[dict[str, Any], list[tuple]]]]:
    """The marts after three days: every column with a value, each model without one column, with that column null."""
    found = []
    dump(project, "whole", [{"id": f"o/m-{name}", **WHOLE} for name in SHOWN], 1)
    build(project)
    found.append((shown(project), changes(project)))
    for name in SHOWN:
        rest = {other: value for other, value in WHOLE.items() if other != name}
        dump(project, f"without-{name}", [{"id": f"o/m-{name}", **rest}], 2)
    build(project)
    found.append((shown(project), changes(project)))
    dump(project, "null", [{"id": f"o/m-{name}", **WHOLE, name: None} for name in SHOWN], 3)
    build(project)
    found.append((shown(project), changes(project)))
    yield found


def test_the_first_day_shows_every_value(states: list) -> None:
    state, changed = states[0]
    assert all(value is not None for value in state.values())
    assert changed == []


def test_a_column_that_is_absent_changes_nothing(states: list) -> None:
    assert states[1] == states[0]


def test_a_column_that_is_null_empties_the_state(states: list) -> None:
    state, changed = states[2]
    assert state == {name: LEFT_WHEN_NULL.get(name) for name in SHOWN}
    parent = "base_model:finetune:o/base"
    assert changed == [
        ("o/m-gated", "gated", "auto", None),
        ("o/m-tags", "declared_types", "finetune", None),
        ("o/m-tags", "license", "mit", None),
        ("o/m-tags", "parents", parent, None),
    ]


def test_every_column_that_a_mart_can_show_is_tried() -> None:
    not_shown = {
        "run_id", "observed_at", "model_id", "downloads_all_time", "trending_score", "private", "disabled",
        "storage_bytes", "hub_id", "gguf", "safetensors",
    }  # fmt: skip
    raw = {
        "createdAt": "created_at", "lastModified": "last_modified", "baseModels": "base_models",
        "cardData": "card_data", "safetensors": "parameter_count",
    }  # fmt: skip
    tried = {raw.get(name, name) for name in SHOWN} | {"architecture"}
    assert set(HUB_MODELS.names) - not_shown == tried


def test_recorded_answers_of_the_hub_come_out_whole(project: Project, states: list) -> None:
    if (folder := recordings()) is None:
        pytest.skip("the recorded answers of the Hub's API are not there")
    models = recorded_models(folder)
    with duckdb.connect(str(project.path), read_only=True) as connection:
        rows = connection.sql("select * from marts.dim_models where is_observed").to_arrow_table().to_pylist()
        issues = connection.sql("select count(*) from marts.mart_size_issues").fetchall()
    built = {row["model_id"]: row for row in rows}
    for model in models:
        row = built[model.get("id") or model["modelId"]]
        tags = model.get("tags") or []
        licences = sorted({tag.removeprefix("license:") for tag in tags if tag.startswith("license:")})
        assert row["license"] == (",".join(licences) or None)
        assert row["is_created_at_floored"] == str(model.get("createdAt")).startswith("2022-03-02T23:29:0")
        assert (row["has_license_file"] is None) == (model.get("siblings") is None)
        counts = (model.get("safetensors") or {}).get("parameters") or {}
        assert row["parameter_count"] == (sum(counts.values()) or (model.get("gguf") or {}).get("total"))
    with_license_file = {row["model_id"] for row in rows if row["has_license_file"]}
    assert with_license_file >= {"google-bert/bert-base-uncased", "spacy/ja_core_news_lg"}
    assert len({name for name in with_license_file if not name.startswith("o/m-")}) == 2
    assert issues == [(0,)]
