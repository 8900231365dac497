"""Opening the warehouse file, and what keeps it from being opened, in one sentence each.

This module imports no more than DuckDB, so that short commands start quickly.
"""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import duckdb

from modelkin.errors import WarehouseError
from modelkin.file_kinds import HEAD_BYTES, kind_of
from modelkin.publishing import sole_writer, working_copy

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

    Who writes waits for the other commands of Modelkin that write. DuckDB refuses a writer while other programs read
    the file: then the work is done on a copy, which takes the file's place at the end, and the readers keep what they
    have open.

    Raises WarehouseError when another program writes to the file, when it is no DuckDB file, when it is
    to be read and does not exist, or when it has the name of a schema.
    """
    _check(path, read_only=read_only)
    if read_only:
        with _opened(path, read_only=True) as connection:
            yield connection
        return
    with ExitStack() as stack:
        try:
            stack.enter_context(sole_writer(path))
        except OSError as error:
            raise WarehouseError(explain_refusal(path, error)) from error
        try:
            connection = stack.enter_context(_opened(path, read_only=False))
        except WarehouseError as error:
            if not (is_lock(str(error.__cause__)) and _is_readable(path)):
                raise
            copy = stack.enter_context(working_copy(path))
            # What was committed before an error counts, as it does in the file itself.
            stack.callback(copy.publish, keep_former=False)
            connection = stack.enter_context(_opened(copy.path, read_only=False))
        yield connection


@contextmanager
def _opened(path: Path, *, read_only: bool) -> Iterator[duckdb.DuckDBPyConnection]:
    config: dict[str, str | bool | int | float | list[str]] = {}
    if not read_only:
        config["storage_compatibility_version"] = STORAGE_VERSION
    try:
        connection = duckdb.connect(str(path), read_only=read_only, config=config)
    except (duckdb.Error, OSError) as error:
        raise WarehouseError(explain_refusal(path, error)) from error
    try:
        _check_is_file(path, connection)
        yield connection
    finally:
        connection.close()


def _is_readable(path: Path) -> bool:
    """Return whether ``path`` can be opened to be read: who keeps it from being written only reads it, too."""
    try:
        with _opened(path, read_only=True):
            return True
    except WarehouseError:
        return False


def _check(path: Path, *, read_only: bool) -> None:
    """Raise WarehouseError for a path that DuckDB would not open as a file, or would refuse with an unclear message."""
    if str(path).startswith(":"):
        raise WarehouseError(f"{path} is not a file, so everything written to it would be lost; {ELSEWHERE}.")
    if path.name.split(".")[0].lower() in SCHEMAS:
        raise WarehouseError(
            f"{path} has the name of a schema in it, and DuckDB cannot tell the two apart; rename the file."
        )
    try:
        if path.is_dir():
            raise WarehouseError(f"{path} is a folder, not a warehouse file; {ELSEWHERE}.")
        if read_only and not path.exists():
            raise WarehouseError(f"There is no warehouse at {path}; run `modelkin extract` first, or {ELSEWHERE}.")
    except OSError as error:
        raise WarehouseError(explain_refusal(path, error)) from error


def _check_is_file(path: Path, connection: duckdb.DuckDBPyConnection) -> None:
    """Raise WarehouseError where DuckDB has opened nothing but memory, with the file as a table in it: a CSV, say."""
    [(file,)] = connection.execute(
        "select path from duckdb_databases() where database_name = current_database()"
    ).fetchall()
    if file is None:
        raise WarehouseError(explain_refusal(path, duckdb.Error()))


def _other_kind(path: Path) -> str | None:
    """Return what ``path`` is where it is no DuckDB file.

    Only asked when DuckDB has not opened it: to close a file that is open here twice gives up its lock.
    """
    try:
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
    except OSError:
        return None
    kind = kind_of(head)
    if not head or kind == "a DuckDB file":
        return None
    return kind or ("a CSV file" if path.suffix.lower() in (".csv", ".tsv") else "another kind of file")


def explain_refusal(path: Path, error: Exception) -> str:
    """Return the sentence that tells a user why ``path`` could not be opened."""
    text = str(error)
    if is_lock(text):
        return f"Another program is writing to {path}; close it there, then run this again."
    if kind := _other_kind(path):
        return f"{path} is {kind}, and a warehouse is a DuckDB file; {ELSEWHERE}."
    if isinstance(error, OSError):
        return f"Cannot open {path}: {error.strerror or text}; {ELSEWHERE}."
    first_line = text.splitlines()[0] if text else type(error).__name__
    if "enough bytes" in first_line:
        return f"{path} ends too early, it was cut off or is still being copied; {ELSEWHERE}."
    return f"{path} cannot be opened as a DuckDB warehouse ({first_line}); {ELSEWHERE}."


def is_lock(text: str) -> bool:
    """Return whether ``text`` is what DuckDB says when another program has the file open."""
    return "lock on file" in text.lower()
