"""The folder of a publication: one writer at a time, and nothing of one that was killed stays."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from modelkin.errors import WarehouseError
from reports.publication.switching import former_of, put_in_place


@contextmanager
def work_folder(folder: Path) -> Iterator[Path]:
    """Provide an empty folder beside ``folder``, which takes its place when the body ends without an error.

    What a killed publication left is removed first, and a former one that it had moved aside is put back. Raises
    WarehouseError while another publication is written beside it.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    # The lock of a folder leaves no file behind, and ends with the process.
    descriptor = os.open(folder.parent, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise WarehouseError(
                f"Another publication is being written to {folder.parent}; wait until it is done."
            ) from error
        work = folder.with_name(f".{folder.name}.publishing")
        _clean(work, folder)
        try:
            work.mkdir()
            yield work
            put_in_place(work, folder)
        except BaseException:
            shutil.rmtree(work, ignore_errors=True)
            raise
    finally:
        os.close(descriptor)


def _clean(work: Path, folder: Path) -> None:
    former = former_of(work)
    if former.is_dir() and not folder.exists():
        former.rename(folder)
    for left in (work, former):
        if left.is_dir():
            shutil.rmtree(left)
