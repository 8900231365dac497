"""Opening the warehouse file, and what keeps it from being opened, in one sentence each.

This module imports no more than DuckDB, so that short commands start quickly.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import duckdb

from modelkin.errors import WarehouseError
from modelkin.file_kinds import HEAD_BYTES, kind_of

DEFAULT_PATH: Final = "data/modelkin.duckdb"
ELSEWHERE: Final = "name another file with --db (DB= for make) or MODELKIN_DB"
"""What to do about a file that is not the right one; the end of a sentence."""

STORAGE_VERSION: Final = "v1.4.0"
"""DuckDB 1.4, 1.5 and 2.0 all read a file of this storage version; the dbt profile names it too."""

SCHEMAS: Final = frozenset({"raw", "staging", "seeds", "intermediate", "snapshots", "marts", "stats"})
"""What a warehouse holds. A file of such a name could not be asked for ``marts.dim_models``: DuckDB names a file's
contents by the file, and finds both."""


def warehouse_path() -> Path:
    """Return the warehouse file: the environment variable ``MODELKIN_DB``, or the default."""
    return Path(os.environ.get("MODELKIN_DB") or DEFAULT_PATH)


def utc_now() -> datetime:
    """Return the present instant as the warehouse stores times: UTC, without a zone."""
    return datetime.now(UTC).replace(tzinfo=None)


@contextmanager
def connect(path: Path, *, read_only: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the warehouse at ``path`` and close it at the end.

    Raises WarehouseError when another program holds the file, when it is no DuckDB file, when it is
    to be read and does not exist, or when it bears the name of a schema.
    """
    _check(path, read_only=read_only)
    try:
        if not read_only:
            path.parent.mkdir(parents=True, exist_ok=True)
        config: dict[str, str | bool | int | float | list[str]] = {}
        if not read_only:
            config["storage_compatibility_version"] = STORAGE_VERSION
        connection = duckdb.connect(str(path), read_only=read_only, config=config)
    except (duckdb.Error, OSError) as error:
        raise WarehouseError(explain_refusal(path, error)) from error
    try:
        yield connection
    finally:
        connection.close()


def _check(path: Path, *, read_only: bool) -> None:
    """Raise WarehouseError for what DuckDB would take for something else than a warehouse, or say unclearly."""
    if str(path).startswith(":"):
        raise WarehouseError(f"{path} is no file, so what is written would be lost; {ELSEWHERE}.")
    if path.name.split(".")[0].lower() in SCHEMAS:
        raise WarehouseError(
            f"{path} bears the name of a schema in it, and DuckDB could not tell them apart; rename it."
        )
    try:
        if path.is_dir():
            raise WarehouseError(f"{path} is a folder, not a warehouse file; {ELSEWHERE}.")
        if path.exists():
            _check_content(path)
        elif read_only:
            raise WarehouseError(f"There is no warehouse at {path}; run `modelkin extract` first, or {ELSEWHERE}.")
    except OSError as error:
        raise WarehouseError(explain_refusal(path, error)) from error


def _check_content(path: Path) -> None:
    """Raise WarehouseError unless ``path`` holds a DuckDB file or nothing yet.

    Given any other file, DuckDB opens an empty database in memory with the file as a table in it.
    """
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    kind = kind_of(head)
    if head and kind != "a DuckDB file":
        found = kind or ("a CSV file" if path.suffix.lower() in (".csv", ".tsv") else "another kind of file")
        raise WarehouseError(f"{path} is {found}, and a warehouse is a DuckDB file; {ELSEWHERE}.")


def explain_refusal(path: Path, error: Exception) -> str:
    """Return the sentence that tells a user why ``path`` could not be opened."""
    text = str(error)
    if is_lock(text):
        return f"Another program has {path} open; close it there (a reader blocks a writer too), then run this again."
    if isinstance(error, OSError):
        return f"Cannot open {path}: {error.strerror or text}; {ELSEWHERE}."
    first_line = text.splitlines()[0] if text else type(error).__name__
    if "enough bytes" in first_line:
        return f"{path} ends too early, it was cut off or is still being copied; {ELSEWHERE}."
    return f"{path} cannot be opened as a DuckDB warehouse ({first_line}); {ELSEWHERE}."


def is_lock(text: str) -> bool:
    """Return whether ``text`` is what DuckDB says when another program has the file open."""
    return "lock on file" in text.lower()
