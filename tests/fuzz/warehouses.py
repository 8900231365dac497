"""Warehouse files with anything wrong in them, and two commands that open them."""

import contextlib
import io
import os
import tempfile
from datetime import datetime
from functools import cache
from pathlib import Path

from hypothesis import strategies as st

from modelkin.cli import app
from modelkin.command_line import run
from modelkin.errors import ModelkinError
from modelkin.warehouse import load
from tests.fuzz.tally import Found, Subject

DAY = datetime(2025, 6, 30)
MODEL = "org/model-1"
COMMANDS = (("status",), ("show", MODEL))


@cache
def warehouse_content() -> bytes:
    """Return the bytes of a small warehouse."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "small.duckdb"
        with load("import", path=path) as loading:
            rows = [{"model_id": f"org/model-{number}", "downloads": number} for number in range(500)]
            loading.add("hub_models", [row | {"observed_at": DAY} for row in rows])
        return path.read_bytes()


def damaged_files() -> st.SearchStrategy[bytes]:
    """Return warehouse files that are cut, or of which some bytes are others; half of these lie in the heads."""
    content = warehouse_content()
    place = st.integers(0, 3 * 4096) | st.integers(0, len(content) - 1)

    def apply(changes: list[tuple[int, bytes]], end: int | None) -> bytes:
        found = bytearray(content)
        for start, other in changes:
            found[start : start + len(other)] = other
        return bytes(found[:end])

    changes = st.lists(st.tuples(place, st.binary(min_size=1, max_size=8)), max_size=4)
    return st.builds(apply, changes, st.none() | st.integers(0, len(content)))


def read_warehouse(content: bytes) -> Found:
    """Let the commands read a file; raise ModelkinError with what the first that refuses it has said."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "small.duckdb"
        path.write_bytes(content)
        before = os.environ.get("MODELKIN_DB")
        try:
            told = [_told(path, command) for command in COMMANDS]
        finally:
            os.environ.pop("MODELKIN_DB", None)
            if before is not None:
                os.environ["MODELKIN_DB"] = before
        return 0, 0, path.read_bytes() == content and MODEL in told[1]


def _told(path: Path, command: tuple[str, ...]) -> str:
    printed, warned = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(warned):
        try:
            run(app, ["--db", str(path), *command])
        except SystemExit as stop:
            if stop.code:
                raise ModelkinError(warned.getvalue().strip()) from stop
    return printed.getvalue()


def warehouse_files() -> Subject:
    """Return the subject."""
    return Subject("warehouse files", damaged_files(), read_warehouse, 0.05)
