"""The repositories of a build, as they are described in its ``hub.json``."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from modelkin.errors import InputError

CATALOGUE_FILE: Final = "hub.json"
BLOBS_FOLDER: Final = "blobs"


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


def pointer_of(sha256: str, size: int) -> bytes:
    """Return the git pointer that stands for a large file."""
    return f"version https://git-lfs.github.com/spec/v1\noid sha256:{sha256}\nsize {size}\n".encode()
