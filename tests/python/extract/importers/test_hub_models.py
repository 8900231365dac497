"""Saved Hub metadata: what comes in, and what is refused."""

from datetime import datetime
from pathlib import Path

import pytest

from extract.importers.hub_models import read_model_files
from modelkin.errors import InputError
from tests.python.conftest import published_data
from tests.python.extract.command import Command, assert_refused, query

HEADER = "base_model,model_id,downloads,likes,last_modified,pipeline_tag,tags"
GOOD = "org/base,me/child,2000,3,2024-05-01T12:00:00+02:00,text-generation,\"['a', 'license:mit']\""
WHEN = datetime(2025, 6, 30)


def write(folder: Path, *rows: str, name: str = "models.csv") -> Path:
    path = folder / name
    path.write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
    return path


def test_a_model_comes_in_with_its_types(tmp_path: Path, warehouse_file: Path, extract: Command) -> None:
    path = write(tmp_path, GOOD, "org/base,gpt2,,,,,", ",org/alone,5.0,0,,,[]")
    outcome = extract("import-models", path, "--observed-at", "2025-06-30")

    assert (outcome.exit_code, outcome.stderr) == (0, "")
    assert "1 file: 3 models" in outcome.stdout
    assert query(
        warehouse_file,
        """select observed_at, model_id, author, downloads, likes, last_modified, pipeline_tag, tags, base_models
        from raw.hub_models order by model_id desc""",
    ) == [
        (WHEN, "org/alone", "org", 5, 0, None, None, [], []),
        (
            WHEN, "me/child", "me", 2000, 3, datetime(2024, 5, 1, 10), "text-generation", ["a", "license:mit"],
            [{"relation": None, "id": "org/base"}],
        ),
        (WHEN, "gpt2", None, None, None, None, None, None, [{"relation": None, "id": "org/base"}]),
    ]  # fmt: skip


def test_a_model_under_two_bases_is_one_row(tmp_path: Path) -> None:
    result = read_model_files([write(tmp_path, GOOD, GOOD.replace("org/base", "org/other"))], WHEN)
    assert [[base["id"] for base in row["base_models"]] for row in result.rows] == [["org/base", "org/other"]]
    assert result.notes == ["models that are repeated with the same values, counted once: 1"]


def test_of_two_accounts_of_one_model_the_fuller_is_kept(tmp_path: Path) -> None:
    other = GOOD.replace("2000", "2001").replace("me/child", "me/Child").replace("text-generation", "")
    for rows in ([GOOD, other], [other, GOOD]):
        result = read_model_files([write(tmp_path, *rows)], WHEN)
        assert [(row["model_id"], row["downloads"]) for row in result.rows] == [("me/child", 2000)]
        assert [(c["column_name"], c["kept_value"], c["refused_value"]) for c in result.conflicts] == [
            ("downloads", "2000", "2001")
        ]
        assert any("with other values" in note for note in result.notes)


@pytest.mark.parametrize(
    ("row", "column", "problem"),
    [
        (GOOD.replace("2000", "lots"), "downloads", "not a number"),
        (GOOD.replace(",3,", ",3.5,"), "likes", "whole number"),
        (GOOD.replace("2024-05-01T12:00:00+02:00", "last week"), "last_modified", "not a date"),
        (GOOD.replace("['a', 'license:mit']", "a, b"), "tags", "not a list"),
        (GOOD.replace("['a', 'license:mit']", "['a', 3]"), "tags", "not a list"),
        (GOOD.replace("['a', 'license:mit']", "__import__('os')"), "tags", "not a list"),
        (GOOD.replace("me/child", ""), "model_id", "missing"),
        (GOOD.replace("org/base", "a b c"), "base_model", "not a model id"),
        (GOOD.rpartition(",")[0].rpartition(",")[0], "tags", "cut off"),
    ],
)
def test_a_wrong_field_is_named(tmp_path: Path, row: str, column: str, problem: str) -> None:
    with pytest.raises(InputError, match=rf"line 2, column {column}: .*{problem}"):
        read_model_files([write(tmp_path, row)], WHEN)


def test_wrong_input_leaves_no_file(tmp_path: Path, warehouse_file: Path, extract: Command) -> None:
    path = write(tmp_path, GOOD)
    assert_refused(extract("import-models", path, "--observed-at", "soon"), "'soon' is not a date", exit_code=2)
    assert_refused(extract("import-models", write(tmp_path, name="none.csv")), "no row")
    assert not warehouse_file.exists()


def test_the_published_file() -> None:
    result = read_model_files([published_data() / "hub" / "popular_models_tinyllama.csv"], WHEN)
    assert len(result.rows) == 41
    assert sum(row["pipeline_tag"] is None for row in result.rows) == 9
    assert all(row["base_models"][0]["id"] == "TinyLlama/TinyLlama-1.1B-Chat-v1.0" for row in result.rows)
    assert result.notes == []
