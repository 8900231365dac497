"""A folder of dated dumps is loaded by one command, in any order, and resumed where it stopped."""

from datetime import date
from pathlib import Path

import duckdb
import pytest

from extract.hub.dump_folder import dated_dumps
from modelkin.errors import InputError
from tests.python.extract.command import Command, assert_refused


def write(path: Path, *downloads: int) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = ", ".join(f"('lab/model-{n}', {value})" for n, value in enumerate(downloads))
    with duckdb.connect() as connection:
        connection.sql(f"select * from (values {rows}) as t(id, downloads)").write_parquet(str(path))
    return path


def loaded(warehouse: Path) -> list[tuple[str, str, int]]:
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        return connection.execute(
            "select strftime(observed_at, '%Y-%m-%d'), model_id, downloads from raw.hub_models order by all"
        ).fetchall()


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("models-2024-07-24.parquet", date(2024, 7, 24)),
        ("20240724.parquet", date(2024, 7, 24)),
        ("2024_07_24/part-0.parquet", date(2024, 7, 24)),
        ("date=2024-07-24/2024-99-99.parquet", date(2024, 7, 24)),
        ("2024-01-01/models-2024-07-24.parquet", date(2024, 7, 24)),
    ],
)
def test_the_day_stands_in_the_name_or_the_nearest_folder(name: str, day: date, tmp_path: Path) -> None:
    path = write(tmp_path / name, 1)
    [dump] = dated_dumps(tmp_path)
    assert (dump.day, dump.files) == (day, (path,))


def test_files_of_one_day_are_one_dump_and_the_oldest_comes_first(tmp_path: Path) -> None:
    write(tmp_path / "b-2024-02-01.parquet", 1)
    write(tmp_path / "2024-02-01" / "a.parquet", 1)
    write(tmp_path / "c-2024-01-01.parquet", 1)
    found = [(dump.day.month, [path.name for path in dump.files]) for dump in dated_dumps(tmp_path)]
    assert found == [(1, ["c-2024-01-01.parquet"]), (2, ["a.parquet", "b-2024-02-01.parquet"])]


@pytest.mark.parametrize("name", ["models.parquet", "1234567890.parquet", "models-2024-13-01.parquet"])
def test_a_file_without_a_day_is_refused(name: str, tmp_path: Path) -> None:
    write(tmp_path / name, 1)
    with pytest.raises(InputError, match="has no date in its name"):
        dated_dumps(tmp_path)


def test_a_folder_is_loaded_once_and_continued(tmp_path: Path, warehouse_file: Path, extract: Command) -> None:
    folder = tmp_path / "dumps"
    write(folder / "models-2024-02-01.parquet", 5, 7)
    # The later day first, as a run that was stopped in the middle could have left it.
    assert "as of 2024-02-01" in extract("dump", folder).stdout
    write(folder / "models-2024-01-01.parquet", 3)
    said = extract("dump", folder).stdout
    assert "Loaded 1 model as of 2024-01-01" in said
    assert "Skipped 1 day that is loaded already." in said
    assert loaded(warehouse_file) == [
        ("2024-01-01", "lab/model-0", 3),
        ("2024-02-01", "lab/model-0", 5),
        ("2024-02-01", "lab/model-1", 7),
    ]
    assert "Skipped 2 days that are loaded already." in extract("dump", folder).stdout


def test_what_does_not_go_with_a_folder(tmp_path: Path, warehouse_file: Path, extract: Command) -> None:
    folder = tmp_path / "dumps"
    folder.mkdir()
    assert_refused(extract("dump", folder), "There is no Parquet file in the folder")
    outcome = extract("dump", folder, "--observed-at", "2024-01-01")
    assert_refused(outcome, "does not go with a folder", exit_code=2)
    outcome = extract("dump", folder, write(tmp_path / "a.parquet", 1))
    assert_refused(outcome, "Name one folder of dated dumps, or files", exit_code=2)
    assert not warehouse_file.exists()
