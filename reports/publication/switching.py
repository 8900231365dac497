"""Putting a folder in the place of another at once."""

import ctypes
import os
import shutil
from pathlib import Path
from typing import Final

_AT_FDCWD: Final = -100
_RENAME_EXCHANGE: Final = 2


def put_in_place(new: Path, folder: Path) -> None:
    """Let ``new`` take the place of ``folder``, whose former content is deleted.

    Both must lie on one file system. Where the system can exchange two folders (Linux), a reader sees the old one or
    the new one, whenever the process ends. Elsewhere there is a moment without either; the former one is then kept
    beside it until the new one is in place.
    """
    if not folder.exists():
        new.rename(folder)
    elif _exchanged(new, folder):
        shutil.rmtree(new)
    else:
        former = former_of(new)
        folder.rename(former)
        try:
            new.rename(folder)
        except OSError:
            former.rename(folder)
            raise
        shutil.rmtree(former)


def former_of(new: Path) -> Path:
    """Return where the former folder lies for the moment in which neither is in place."""
    return new.with_name(f"{new.name}.former")


def _exchanged(one: Path, other: Path) -> bool:
    """Exchange two paths by one call of the system; return whether it could."""
    try:
        rename = ctypes.CDLL(None, use_errno=True).renameat2
    except (AttributeError, OSError):
        return False
    done: int = rename(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE)
    return done == 0
