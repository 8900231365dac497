"""Warehouse files that something has damaged, and commands that meet them: each must end with one sentence."""

import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Final

import duckdb

Damage = Callable[[Path, random.Random], None]


def cut(path: Path, random_: random.Random) -> None:
    """Cut the file off somewhere."""
    with path.open("r+b") as file:
        file.truncate(random_.randrange(1, path.stat().st_size))


def flip(path: Path, random_: random.Random) -> None:
    """Flip bits in the first blocks, which every command reads, and anywhere else."""
    size = path.stat().st_size
    with path.open("r+b") as file:
        for limit in (4096, 3 * 4096, size, size):
            place = random_.randrange(min(limit, size))
            file.seek(place)
            byte = file.read(1)[0]
            file.seek(place)
            file.write(bytes([byte ^ (1 << random_.randrange(8))]))


def flip_one(path: Path, random_: random.Random) -> None:
    """Flip one bit anywhere behind the heads of the file."""
    place = random_.randrange(3 * 4096, path.stat().st_size)
    content = bytearray(path.read_bytes())
    content[place] ^= 1 << random_.randrange(8)
    path.write_bytes(content)


def empty(path: Path, _: random.Random) -> None:
    """Leave nothing in the file."""
    path.write_bytes(b"")


def zeros(path: Path, _: random.Random) -> None:
    """Leave the size alone, as a file system does after a crash."""
    path.write_bytes(bytes(path.stat().st_size))


def folder(path: Path, _: random.Random) -> None:
    """Put a folder in its place."""
    path.unlink()
    path.mkdir()


def sqlite(path: Path, _: random.Random) -> None:
    """Put a database of another kind in its place."""
    path.unlink()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("create table numbers (number integer)")


def foreign_log(path: Path, random_: random.Random) -> None:
    """Leave a log of writes beside it that belongs to no state of it."""
    path.with_name(f"{path.name}.wal").write_bytes(random_.randbytes(3000))


def cut_log(path: Path, random_: random.Random) -> None:
    """Leave the beginning of a log that was being written when the machine stopped."""
    log = path.with_name(f"{path.name}.wal")
    with duckdb.connect(str(path)) as connection:
        connection.execute("set wal_autocheckpoint = '1GB'; pragma disable_checkpoint_on_shutdown")
        connection.execute("create table raw.of_a_crash as select range as number from range(10000)")
    with log.open("r+b") as file:
        file.truncate(random_.randrange(1, log.stat().st_size))


def newer(path: Path, _: random.Random) -> None:
    """Say in its head that a later DuckDB has written it."""
    with path.open("r+b") as file:
        file.seek(12)
        file.write((999).to_bytes(8, "little"))


def other_tables(path: Path, _: random.Random) -> None:
    """Put a DuckDB file with tables of the same names and other columns in its place."""
    path.unlink()
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema raw; create schema marts; create table raw.extract_runs (one integer)")
        connection.execute("create table raw.hub_models (one integer); create table marts.dim_models (two integer)")


DAMAGES: Final[dict[str, Damage]] = {
    one.__name__: one
    for one in (cut, flip, flip_one, empty, zeros, folder, sqlite, foreign_log, cut_log, newer, other_tables)
}


def from_the_future(path: Path, random_: random.Random) -> None:
    """Let the newest run start ahead of this machine's clock, as after the clock was set back."""
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            "update raw.extract_runs set started_at = started_at + to_days(?), finished_at = finished_at + to_days(?) "
            "where run_id = (select max(run_id) from raw.extract_runs)",
            [10_000 + random_.randrange(10_000)] * 2,
        )


READING: Final = (
    ("status",),
    ("doctor", "--thorough"),
    ("show", "maker-1/model-1"),
    ("check", "maker-1/model-1"),
    ("export", "raw", "--out", "exported"),
    ("publish", "published"),
)
"""Commands that read a warehouse, each with what it is given."""
