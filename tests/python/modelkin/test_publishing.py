"""Who may write to a warehouse, and what readers see of it."""

import shutil
import subprocess
import sys
from collections import namedtuple
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest

from modelkin.database import connect
from modelkin.errors import WarehouseError
from modelkin.publishing import former_of, restore_former, sole_writer, working_copy
from modelkin.warehouse import load
from tests.python.conftest import ROOT

READER = """
import duckdb, sys
with duckdb.connect(sys.argv[1], read_only=True) as reader:
    print(reader.execute("select count(*) from raw.extract_runs").fetchall(), flush=True)
    sys.stdin.readline()
    print(reader.execute("select count(*) from raw.extract_runs").fetchall(), flush=True)
"""
WRITER = """
import sys
from pathlib import Path
from modelkin.publishing import sole_writer
with sole_writer(Path(sys.argv[1])):
    print("writing", flush=True)
    sys.stdin.readline()
"""

KILLED_WRITER = """
import duckdb, os, sys
writer = duckdb.connect(sys.argv[1])
writer.execute("create table raw.kept as select 1")
print("written", flush=True)
os._exit(9)
"""
OPEN_READER = """
import duckdb, sys
reader = duckdb.connect(sys.argv[1], read_only=True)
print("reading", flush=True)
sys.stdin.readline()
"""


@contextmanager
def other_program(code: str, path: Path) -> Iterator[subprocess.Popen[str]]:
    """Run Python code on a warehouse in a process of its own, as far as its first line of output."""
    with subprocess.Popen(
        [sys.executable, "-c", code, str(path)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def n_runs(path: Path) -> int:
    with duckdb.connect(str(path), read_only=True) as connection:
        [(count,)] = connection.execute("select count(*) from raw.extract_runs").fetchall()
    return int(count)


@pytest.fixture
def filled(warehouse_file: Path) -> Path:
    with load("import"):
        pass
    return warehouse_file


def test_a_reader_keeps_nobody_from_writing_and_keeps_what_it_has_open(filled: Path) -> None:
    with other_program(READER, filled) as reader:
        assert reader.stdout and reader.stdin
        assert reader.stdout.readline() == "[(1,)]\n"
        with load("import"):
            pass
        assert n_runs(filled) == 2
        reader.stdin.write("\n")
        reader.stdin.flush()
        assert reader.stdout.readline() == "[(1,)]\n"
    assert sorted(path.name for path in filled.parent.iterdir()) == [f".{filled.name}.lock", filled.name]


def test_what_was_committed_before_an_error_counts_on_a_copy_too(filled: Path) -> None:
    with (
        other_program(READER, filled) as reader,
        pytest.raises(ZeroDivisionError),
    ):
        assert reader.stdout and reader.stdout.readline()
        with connect(filled) as connection:
            connection.execute("create table kept as select 1 as one")
            connection.begin()
            connection.execute("create table lost as select 1 as one")
            raise ZeroDivisionError
    with duckdb.connect(str(filled), read_only=True) as connection:
        tables = connection.execute("select table_name from duckdb_tables() where schema_name = 'main'").fetchall()
    assert tables == [("kept",)]


def test_writers_wait_for_each_other(filled: Path) -> None:
    with other_program(WRITER, filled) as writer:
        assert writer.stdout and writer.stdin and writer.stdout.readline()
        waiting = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(filled)],
            cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert waiting.stderr
        assert waiting.stderr.readline() == f"Waiting for another command that is writing to {filled} …\n"
        writer.stdin.close()
        assert waiting.communicate()[0] == "writing\n"


def test_a_process_may_take_its_right_to_write_twice(filled: Path) -> None:
    with sole_writer(filled), connect(filled) as connection, sole_writer(filled):
        connection.execute("create table t as select 1")


def test_nothing_is_published_over_what_another_program_wrote(filled: Path) -> None:
    with sole_writer(filled), working_copy(filled) as copy:
        with duckdb.connect(str(filled)) as other:
            other.execute("create table theirs as select 1")
        with pytest.raises(WarehouseError, match=r"Another program wrote to .* run this again"):
            copy.publish(keep_former=True)
    with duckdb.connect(str(filled), read_only=True) as connection:
        assert connection.execute("from theirs").fetchall() == [(1,)]
    assert not former_of(filled).exists()


def test_too_little_room_is_said_before_anything_is_copied(filled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10**12, 10**12, 100))
    with (
        pytest.raises(WarehouseError, match=r"needs about .* GB beside it, and 0\.0 GB are free"),
        working_copy(filled),
    ):
        pass


def test_the_former_state_and_the_newer_one_change_places(filled: Path) -> None:
    with pytest.raises(WarehouseError, match="No former state of"):
        restore_former(filled)
    with sole_writer(filled), working_copy(filled) as copy:
        with load("import", path=copy.path):
            pass
        copy.publish(keep_former=True)
    for expected in (2, 1, 2):
        assert n_runs(filled) == expected
        restore_former(filled)
    # What is written after that belongs to the state in place alone.
    with load("import"):
        pass
    assert (n_runs(filled), n_runs(former_of(filled))) == (2, 2)


def leave_a_log(path: Path) -> None:
    """Let another program write to the warehouse and die before DuckDB has put that into the file."""
    with other_program(KILLED_WRITER, path) as killed:
        assert killed.stdout is not None
        assert killed.stdout.readline() == "written\n"
        killed.wait(timeout=60)
    assert path.with_name(path.name + ".wal").exists()


def test_what_a_killed_program_wrote_is_in_the_copy_and_in_what_is_published(filled: Path) -> None:
    leave_a_log(filled)
    with sole_writer(filled), working_copy(filled) as copy:
        copy.publish(keep_former=True)
    for path in (filled, former_of(filled)):
        with duckdb.connect(str(path), read_only=True) as connection:
            assert connection.execute("from raw.kept").fetchall() == [(1,)]


def test_a_log_that_cannot_be_taken_in_is_one_sentence_and_stays(filled: Path) -> None:
    leave_a_log(filled)
    with other_program(OPEN_READER, filled) as reader:
        assert reader.stdout is not None
        assert reader.stdout.readline() == "reading\n"
        with pytest.raises(WarehouseError, match="close all programs"), sole_writer(filled), working_copy(filled):
            pass
    with duckdb.connect(str(filled)) as connection:
        assert connection.execute("from raw.kept").fetchall() == [(1,)]
