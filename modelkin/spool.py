"""Work in progress on disk, so that long work can be interrupted and taken up again.

A spool holds finished pieces of one job (a page of a crawl, the fingerprint of one model) as
Parquet files. Each is written to a temporary name and renamed, so a piece is whole or absent.
The warehouse is opened only when the job loads all its pieces in one transaction.
"""

import hashlib
import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from modelkin.errors import InputError
from modelkin.folders import cache_root


@dataclass(frozen=True)
class Spool:
    """A folder of finished pieces, found again by their keys."""

    folder: Path

    @classmethod
    def for_job(cls, kind: str, *identity: str) -> "Spool":
        """Return the spool of the job that ``identity`` (its parameters) describes."""
        digest = hashlib.sha256("\x00".join(identity).encode()).hexdigest()[:16]
        return cls(cache_root() / kind / digest)

    def put(self, key: str, piece: pa.Table, notes: Mapping[str, str] | None = None) -> None:
        """Store ``piece`` under ``key``, whole or not at all; ``notes`` come back as its schema's metadata."""
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self._path(key)
        temporary = path.with_suffix(f".{os.getpid()}.tmp")
        pq.write_table(piece.replace_schema_metadata({**(notes or {}), "key": key}), temporary)
        temporary.replace(path)

    def get(self, key: str) -> pa.Table | None:
        """Return the piece stored under ``key``, or None; raise InputError if it cannot be read."""
        path = self._path(key)
        return _read(path) if path.exists() else None

    def pieces(self) -> Iterator[pa.Table]:
        """Yield every stored piece, in the order of the file names."""
        for path in sorted(self.folder.glob("*.parquet")):
            yield _read(path)

    def sweep_unfinished(self) -> None:
        """Delete the pieces that processes which are gone left half written."""
        for path in self.folder.glob("*.tmp"):
            owner = path.name.split(".")[-2]
            if not (owner.isdigit() and _is_running(int(owner))):
                path.unlink(missing_ok=True)

    def clear(self) -> None:
        """Forget the job."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _path(self, key: str) -> Path:
        return self.folder / f"{hashlib.sha256(key.encode()).hexdigest()[:32]}.parquet"


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _read(path: Path) -> pa.Table:
    try:
        return pq.read_table(path)
    except (pa.ArrowInvalid, OSError) as error:
        raise InputError(f"The cached piece {path} is damaged ({error}); delete it and run again.") from error
