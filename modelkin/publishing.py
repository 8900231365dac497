"""One whole state at a time: who may write to a warehouse, and how a new state takes the place of the old one.

Readers never see work in progress. A build works on a copy beside the warehouse, and the copy is renamed onto it when
everything is done: who has the old file open keeps reading the old state, who opens it afterwards reads the new one.
Commands of Modelkin write one after the other; a lock beside the warehouse tells them apart, and it ends with the
process that holds it, however that ends.
"""

import errno
import fcntl
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

import duckdb

from modelkin.errors import WarehouseError
from modelkin.printable import warn

FORMER: Final = ".former"
"""What the name of a warehouse's former state has at its end. DuckDB still calls it by the warehouse's own name."""

SPACE_FACTOR: Final = 2
"""How many times its own size a warehouse needs beside it: the copy, and what the work adds to it."""

_POLL_SECONDS: Final = 0.1
_PATIENCE_SECONDS: Final = 1.0
"""How long to wait for another command without a word."""
_NO_LOCKS: Final = frozenset({errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS})

_held: dict[Path, int] = {}
"""How often this process holds the right to write to each warehouse."""


@contextmanager
def sole_writer(path: Path) -> Iterator[None]:
    """Hold the right to write to the warehouse at ``path``; wait for other commands of Modelkin that hold it.

    A process that holds it may take it again. On a file system without locks nobody waits.
    """
    path = path.resolve()
    if path in _held:
        _held[path] += 1
        try:
            yield
        finally:
            _held[path] -= 1
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with lock_of(path).open("a") as file:
        _wait_for(file, path)
        _held[path] = 1
        try:
            yield
        finally:
            del _held[path]


def _wait_for(file: IO[str], path: Path) -> None:
    started, is_told = time.monotonic(), False
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if not is_told and time.monotonic() - started > _PATIENCE_SECONDS:
                warn(f"Waiting for another command that is writing to {path} …")
                is_told = True
            time.sleep(_POLL_SECONDS)
        except OSError as error:
            if error.errno in _NO_LOCKS:
                return
            raise
        else:
            return


@contextmanager
def working_copy(path: Path) -> Iterator["WorkingCopy"]:
    """Copy the warehouse at ``path``, to be worked on and then published; nothing is published by itself.

    The caller is the sole writer. A copy that is not published stays until the next one is made. Raises
    WarehouseError where there is too little room on the disk, or a log of unfinished writes cannot be taken in.
    """
    path = path.resolve()
    _take_in_log(path)
    folder = work_folder_of(path)
    shutil.rmtree(folder, ignore_errors=True)
    copy = WorkingCopy(path, folder / path.name)
    copy.make()
    try:
        yield copy
    finally:
        if copy.is_published:
            shutil.rmtree(folder, ignore_errors=True)


class WorkingCopy:
    """A copy of a warehouse: the same name in a folder of its own, since its views name the database they are in."""

    def __init__(self, warehouse: Path, path: Path) -> None:
        self.warehouse = warehouse
        self.path = path
        self.is_published = False
        self._original: tuple[int, ...] = ()

    def make(self) -> None:
        """Copy the file."""
        self._original = _identity(self.warehouse)
        self.path.parent.mkdir(parents=True)
        size = self.warehouse.stat().st_size
        free = shutil.disk_usage(self.path.parent).free
        if free < SPACE_FACTOR * size:
            raise WarehouseError(
                f"The work on {self.warehouse} needs about {_gigabytes(SPACE_FACTOR * size)} beside it, and "
                f"{_gigabytes(free)} are free; make room there, then run this again."
            )
        shutil.copyfile(self.warehouse, self.path)
        shutil.copymode(self.warehouse, self.path)

    def publish(self, *, keep_former: bool) -> None:
        """Put the copy in the place of the warehouse, at once for every reader.

        ``keep_former`` keeps the old state beside it, for ``restore_former``. Raises WarehouseError when another
        program wrote to the warehouse since it was copied: nothing of that may be lost, so nothing is published.
        """
        if _identity(self.warehouse) != self._original:
            raise WarehouseError(
                f"Another program wrote to {self.warehouse} in the meantime, so the new state was not put in its "
                "place; run this again."
            )
        _to_disk(self.path)
        if keep_former:
            _keep(self.warehouse, former_of(self.warehouse))
        self.path.replace(self.warehouse)
        self.is_published = True
        _to_disk(self.warehouse.parent)


def lock_of(path: Path) -> Path:
    """Return the file whose lock says that a command of Modelkin writes to the warehouse at ``path``."""
    path = path.resolve()
    return path.with_name(f".{path.name}.lock")


def work_folder_of(path: Path) -> Path:
    """Return where the copy of the warehouse at ``path`` lies that a build works on."""
    path = path.resolve()
    return path.with_name(f".{path.name}.work")


def former_of(path: Path) -> Path:
    """Return where the former state of the warehouse at ``path`` is kept."""
    path = path.resolve()
    return path.with_name(path.name + FORMER)


def restore_former(path: Path) -> None:
    """Let the warehouse at ``path`` and its former state change places; a second time brings the newer one back.

    Raises WarehouseError when no former state is kept.
    """
    path = path.resolve()
    former, newer = former_of(path), path.with_name(path.name + ".newer")
    with sole_writer(path):
        if not former.exists():
            raise WarehouseError(f"No former state of {path} is kept; every build keeps the one before it.")
        _take_in_log(path)
        _keep(path, newer)
        former.replace(path)
        newer.replace(former)
        _to_disk(path.parent)


def _keep(path: Path, name: Path) -> None:
    """Let the file at ``path`` also be found under ``name``, at no moment missing from either."""
    temporary = name.with_name(f".{name.name}.new")
    temporary.unlink(missing_ok=True)
    try:
        os.link(path, temporary)
    except OSError:  # a file system without links
        shutil.copyfile(path, temporary)
    temporary.replace(name)


def _log_of(path: Path) -> Path:
    """Return where DuckDB keeps the writes that it has not put into the file yet."""
    return path.with_name(path.name + ".wal")


def _take_in_log(path: Path) -> None:
    """Let DuckDB put the writes that a killed program left in its log into the warehouse.

    A copy of the file alone would lack them, and DuckDB refuses a file beside the log of another.
    """
    if not _log_of(path).exists():
        return
    try:
        duckdb.connect(str(path)).close()
    except duckdb.Error as error:
        raise WarehouseError(
            f"{_log_of(path)} holds writes of a program that has {path} open or was killed, and they cannot be put "
            "into it while others read it; close all programs that have it open, then run this again."
        ) from error


def _identity(path: Path) -> tuple[int, ...]:
    """Return what changes when a file is written to, its log of unfinished writes included."""
    log = _log_of(path)
    found = path.stat()
    return (found.st_ino, found.st_size, found.st_mtime_ns, log.stat().st_size if log.exists() else 0)


def _to_disk(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _gigabytes(n_bytes: int) -> str:
    return f"{n_bytes / 1e9:,.1f} GB"
