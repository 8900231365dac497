"""Folders that several processes share: where the cache is, what is in use, what may be deleted."""

import fcntl
import os
import shutil
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

SWEPT_HOURS: Final = 24
"""What was used within this many hours is never swept: an interrupted run may resume with it."""


def cache_root() -> Path:
    """Return the folder for everything that can be made again: ``MODELKIN_CACHE`` or ``data/cache``."""
    return Path(os.environ.get("MODELKIN_CACHE", "data/cache"))


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Keep ``folder`` from being swept for the body of the ``with``, however long it takes; it is made if need be."""
    folder.mkdir(parents=True, exist_ok=True)
    os.utime(folder)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        # The system lets go of the lock when the process ends, however it ends.
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        yield
    finally:
        os.close(descriptor)


def sweep(paths: Iterable[Path]) -> int:
    """Delete those files and folders that no process holds and none has used for a day; return how many."""
    n_swept = 0
    for path in paths:
        try:
            descriptor = os.open(path, os.O_RDONLY)
        except OSError:
            # Another process sweeps too, or it is not this user's to read.
            continue
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if time.time() - _last_used(path) > SWEPT_HOURS * 3600:
                if path.is_dir():
                    shutil.rmtree(path, ignore_errors=True)
                else:
                    path.unlink(missing_ok=True)
                n_swept += 1
        except OSError:
            # It is held, or vanishes just now.
            continue
        finally:
            os.close(descriptor)
    return n_swept


def _last_used(path: Path) -> float:
    """Return when ``path`` or what lies directly in it was changed last."""
    entries = (path, *path.iterdir()) if path.is_dir() else (path,)
    return max(float(entry.stat().st_mtime) for entry in entries)
