"""A file that is not a warehouse is refused with one sentence, and is never opened as an empty one."""

import gzip
import sqlite3
from pathlib import Path

import pytest

from modelkin.database import connect
from modelkin.errors import WarehouseError

CSV = "model_id,downloads\na/b,1\n"


def write_sqlite(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("create table numbers (number integer)")
    connection.close()


WRONG = {
    "list.csv": (lambda path: path.write_text(CSV), "is a CSV file"),
    "list.csv.gz": (lambda path: path.write_bytes(gzip.compress(CSV.encode())), "is a gzip file"),
    "models.parquet": (lambda path: path.write_bytes(b"PAR1 and more"), "is a Parquet file"),
    "page.duckdb": (lambda path: path.write_text("<!DOCTYPE html><p>Sign in"), "is an HTML page"),
    "old.db": (write_sqlite, "is an SQLite database"),
    "folder.duckdb": (lambda path: path.mkdir(), "is a folder"),
}


@pytest.mark.parametrize("read_only", [True, False], ids=["to read", "to write"])
@pytest.mark.parametrize("name", WRONG)
def test_another_kind_of_file_is_named_and_left_alone(name: str, read_only: bool, tmp_path: Path) -> None:
    path = tmp_path / name
    make, what = WRONG[name]
    make(path)
    before = None if path.is_dir() else path.read_bytes()
    with pytest.raises(WarehouseError, match=f"{name} {what}") as caught, connect(path, read_only=read_only):
        pass
    assert "\n" not in str(caught.value)
    assert (None if path.is_dir() else path.read_bytes()) == before


def test_a_warehouse_that_was_cut_off_says_so(tmp_path: Path) -> None:
    path = tmp_path / "cut.duckdb"
    with connect(path) as connection:
        connection.execute("create table numbers as select * from range(100000)")
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(WarehouseError, match="ends too early"), connect(path):
        pass


def test_a_file_where_a_folder_should_be(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    with pytest.raises(WarehouseError, match=r"Cannot open .*; name another"), connect(tmp_path / "data" / "w.duckdb"):
        pass


def test_blanks_and_apostrophes_are_characters_like_others(tmp_path: Path) -> None:
    path = tmp_path / "it's my data" / "the 'best' one.duckdb"
    with connect(path) as connection:
        connection.execute("create table numbers as select 1 as number")
    with connect(path, read_only=True) as connection:
        assert connection.sql("from numbers").fetchall() == [(1,)]
