"""A build of the miniature Hub on disk: made once, recognised, and read by the server.

A build is a folder ``<code and seed fingerprint>`` under the root, with ``hub.json`` (every
repository as the API tells it, and its files) and ``blobs/`` (file contents under their SHA-256).
It is made in a temporary folder and renamed, so a folder of that name is always whole.
"""

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from importlib import metadata
from pathlib import Path
from typing import Any, Final

from extract.errors import InputError
from extract.spool import cache_root

SEED: Final = 20250117
"""Everything random in the miniature Hub comes from this number."""
ROOT_VARIABLE: Final = "MODELKIN_MINIHUB"
"""Environment variable that names another folder for builds, so that several caches share one."""
CATALOGUE_FILE: Final = "hub.json"
BLOBS_FOLDER: Final = "blobs"
_NOT_SHAPING: Final = frozenset({"__init__.py", "cli.py", "server.py"})
"""Modules that serve a build and do not shape it: changing them makes no new one."""
_SHAPING_LIBRARIES: Final = ("numpy", "peft", "safetensors", "tokenizers", "torch", "transformers")


@dataclass(frozen=True)
class HubFile:
    """One file of a repository."""

    path: str
    size: int
    oid: str
    """Its git object id."""
    sha256: str
    sha256_is_etag: bool
    """Whether the Hub would keep it in large file storage."""

    @property
    def etag(self) -> str:
        """What the Hub gives as its ETag."""
        return self.sha256 if self.sha256_is_etag else self.oid

    @property
    def pointer_size(self) -> int:
        """Bytes of the large file's pointer in git."""
        return len(pointer_of(self.sha256, self.size))


@dataclass(frozen=True)
class HubRepo:
    """One repository: ``info`` is the fullest answer of the API, of which listings show a part."""

    repo_id: str
    info: Mapping[str, Any]
    files: tuple[HubFile, ...]
    is_deleted: bool = False
    """Listed still, and gone when asked for."""

    @property
    def sha(self) -> str:
        """The commit of ``main``."""
        return str(self.info["sha"])

    def file(self, path: str) -> HubFile | None:
        """Return the file at ``path``, or None."""
        return next((file for file in self.files if file.path == path), None)


@dataclass(frozen=True)
class Build:
    """A finished build: its repositories, its renames, and where the contents lie."""

    folder: Path
    repos: tuple[HubRepo, ...]
    renamed: Mapping[str, str] = field(default_factory=dict)
    """Old repository id, in lower case, to the id it has now."""

    @cached_property
    def _by_id(self) -> dict[str, HubRepo]:
        return {repo.repo_id.lower(): repo for repo in self.repos}

    def find(self, repo_id: str) -> HubRepo | None:
        """Return the repository of that id, in any case, or None."""
        return self._by_id.get(repo_id.lower())

    def blob(self, file: HubFile) -> Path:
        """Return where the content of ``file`` lies."""
        return self.folder / BLOBS_FOLDER / file.sha256

    @classmethod
    def read(cls, folder: Path) -> "Build":
        """Read the catalogue of a finished build; raise InputError when it is damaged."""
        path = folder / CATALOGUE_FILE
        try:
            catalogue = json.loads(path.read_text(encoding="utf-8"))
            repos = tuple(
                HubRepo(
                    repo["info"]["id"],
                    repo["info"],
                    tuple(HubFile(**file) for file in repo["files"]),
                    repo["is_deleted"],
                )
                for repo in catalogue["repos"]
            )
            return cls(folder, repos, catalogue["renamed"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise InputError(f"The miniature Hub at {folder} is damaged ({error}); delete that folder.") from error


def build_root() -> Path:
    """Return the folder of builds: ``MODELKIN_MINIHUB``, or ``minihub`` in the cache."""
    chosen = os.environ.get(ROOT_VARIABLE)
    return Path(chosen) if chosen else cache_root() / "minihub"


def fingerprint(seed: int = SEED) -> str:
    """Return the name of the build that this code, these libraries and ``seed`` make."""
    digest = hashlib.sha256(str(seed).encode())
    for module in sorted(Path(__file__).parent.glob("*.py")):
        if module.name not in _NOT_SHAPING:
            digest.update(module.read_bytes())
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

    Making it takes about a minute on two cores. Two callers at once make it once: the second
    waits. Raises InputError when a family cannot be made.
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
            # Only who makes the models pays for importing what makes them.
            from extract.minihub.assembly import make  # noqa: PLC0415

            unfinished = folder.with_suffix(".unfinished")
            make(unfinished, seed)
            unfinished.rename(folder)
    return Build.read(folder)


@contextmanager
def _locked(root: Path) -> Iterator[None]:
    with (root / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def pointer_of(sha256: str, size: int) -> bytes:
    """Return the git pointer that stands for a large file."""
    return f"version https://git-lfs.github.com/spec/v1\noid sha256:{sha256}\nsize {size}\n".encode()
