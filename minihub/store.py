"""A build of the miniature Hub on disk: made once, recognised, and read by the server.

A build is a folder ``<code and seed fingerprint>`` under the root, with ``hub.json`` (every
repository as the API tells it, and its files) and ``blobs/`` (file contents under their SHA-256).
It is made in a temporary folder and renamed, so a folder of that name is always whole.
"""

import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path
from typing import Final

from minihub.repositories import Build
from modelkin.errors import InputError
from modelkin.folders import cache_root
from modelkin.printable import warn

SEED: Final = 20250117
"""Everything random in the miniature Hub comes from this number."""
ROOT_VARIABLE: Final = "MODELKIN_MINIHUB"
"""Environment variable that names another folder for builds, so that several caches share one."""
SHAPING: Final = (
    "assembly.py", "cards.py", "catalogue.py", "languages.py", "llama_gguf.py", "repositories.py", "tokens.py",
    "weights.py",
)  # fmt: skip
"""Modules that make a build: changing one makes a new build. The others serve it."""
_SHAPING_LIBRARIES: Final = ("gguf", "numpy", "peft", "safetensors", "tokenizers", "torch", "transformers")


def build_root() -> Path:
    """Return the folder of builds: ``MODELKIN_MINIHUB``, or ``minihub`` in the cache."""
    chosen = os.environ.get(ROOT_VARIABLE)
    return Path(chosen) if chosen else cache_root() / "minihub"


def fingerprint(seed: int = SEED) -> str:
    """Return the name of the build that this code, these libraries and ``seed`` make."""
    digest = hashlib.sha256(str(seed).encode())
    for name in SHAPING:
        digest.update(Path(__file__).with_name(name).read_bytes())
    for library in _SHAPING_LIBRARIES:
        try:
            digest.update(f"{library}={metadata.version(library)}".encode())
        except metadata.PackageNotFoundError as error:
            raise InputError(
                f"The miniature Hub needs {library}, which is not installed; install the extra `models`."
            ) from error
    return digest.hexdigest()[:16]


def build(*, seed: int = SEED) -> Build:
    """Return the build of this code and ``seed``, making it first if it is not there.

    Making it takes one to two minutes on two cores. When two callers want it at once, the second
    waits for the first. Raises InputError when a family cannot be made.
    """
    root = build_root().resolve()
    folder = root / fingerprint(seed)
    if folder.is_dir():
        return Build.read(folder)
    root.mkdir(parents=True, exist_ok=True)
    with _locked(root):
        if not folder.is_dir():
            for leftover in root.glob("*.unfinished"):
                shutil.rmtree(leftover)
            unfinished = folder.with_suffix(".unfinished")
            # Imported when it is needed: the makers take seconds to import, and a build is made once.
            from minihub.assembly import make  # noqa: PLC0415

            make(unfinished, seed)
            unfinished.rename(folder)
    return Build.read(folder)


@contextmanager
def _locked(root: Path) -> Iterator[None]:
    with (root / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            warn("Waiting for another process that makes the miniature Hub …")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
