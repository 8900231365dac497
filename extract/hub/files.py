"""Files of the Hub on this disk: fetched within their listed size, proved by their listed digest, named by us.

The folder is laid out as ``huggingface_hub`` lays its own out, so that its tools read it::

    models--OWNER--NAME/blobs/DIGEST
    models--OWNER--NAME/snapshots/COMMIT/NAME -> ../../blobs/DIGEST

A file is proved whenever it is used, not just when it arrives: what the disk has damaged is fetched again.
No part of a path comes from an answer's headers. A transfer that was broken off resumes, and what it makes
must have the digest of the whole.
"""

import fcntl
import hashlib
import os
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol
from urllib.parse import quote

import httpx2

from extract.hub import bounds
from extract.hub.asking import Asker, sleep
from extract.hub.refusals import Refused, refusal
from modelkin.errors import InputError
from modelkin.model_ids import model_id_problem

_CHUNK_BYTES: Final = 1 << 20
_PARTIAL: Final = 206
_NOT_SATISFIABLE: Final = 416
_RANGE: Final = re.compile(r"bytes (\d{1,19})-\d{1,19}/(\d{1,19})", re.ASCII)
_COMMIT: Final = re.compile(r"[0-9a-f]{7,64}", re.ASCII)
_MAX_NAME_BYTES: Final = 255
_LOCK_SECONDS: Final = 0.1


@dataclass(frozen=True)
class Wanted:
    """A file as the Hub lists it."""

    name: str
    size: int
    sha256: str | None = None
    """Of its content; the Hub tells it of large files."""
    git_id: str | None = None
    """Git's id of its content; the Hub tells it of all files, and of a large one it is that of a pointer to it."""

    @property
    def proof(self) -> tuple[str, str] | None:
        """The kind of digest that the content must have, and the digest; None where the Hub tells neither."""
        if self.sha256 is not None:
            return "sha256", self.sha256
        return ("git", self.git_id) if self.git_id is not None else None


class _Digest(Protocol):
    def update(self, data: bytes, /) -> None: ...
    def hexdigest(self) -> str: ...


def file_name_problem(name: str) -> str | None:
    """Return why ``name`` cannot be a file in a folder of ours, or None. It may lie in folders of its own."""
    parts = name.split("/")
    if any(part in {"", ".", ".."} for part in parts) or "\\" in name:
        return "its name leads elsewhere"
    if not name.isprintable() or any(len(part.encode()) > _MAX_NAME_BYTES for part in parts):
        return "its name cannot be that of a file"
    return None


def fetch_file(asker: Asker, commit: tuple[str, str], wanted: Wanted, folder: Path, seconds: float) -> Path:
    """Bring the file ``wanted`` of a (model, commit) below ``folder`` within ``seconds``, or find it there, proved.

    Raises Refused, and InputError when the disk is full.
    """
    model_id, sha = commit
    what = f"{wanted.name} of {model_id}"
    if model_id_problem(model_id) is not None or not _COMMIT.fullmatch(sha):
        raise Refused("odd", asker.place, what, cause="no commit")
    if (problem := file_name_problem(wanted.name)) is not None:
        raise Refused("odd", asker.place, what, cause=problem)
    deadline = time.monotonic() + seconds
    url = f"{asker.home}/{quote(model_id, safe='/')}/resolve/{sha}/{quote(wanted.name)}"
    home = folder / f"models--{model_id.replace('/', '--')}"
    pointer = home / "snapshots" / sha / wanted.name
    try:
        if is_proved(pointer, wanted):
            return pointer
        blobs = home / "blobs"
        blobs.mkdir(parents=True, exist_ok=True)
        transfer = _Transfer(asker, url, what, wanted, blobs, deadline)
        with transfer.alone():
            blob = transfer.blob()
            _point(pointer, blob)
    except (httpx2.TransportError, OSError) as error:
        raise refusal(error, asker.place, what) from error
    return pointer


def is_proved(path: Path, wanted: Wanted) -> bool:
    """Return whether the file at ``path`` is there and is what the Hub lists; where that is untold, what it was."""
    if not path.is_file() or path.stat().st_size != wanted.size:
        return False
    kind, expected = wanted.proof or ("sha256", path.resolve().name)
    digest = _new_digest(kind, wanted.size)
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest() == expected


def _new_digest(kind: str, size: int) -> _Digest:
    if kind == "sha256":
        return hashlib.sha256()
    # What git calls a file is the SHA-1 of this heading and the content: a name, no protection from its author.
    digest = hashlib.sha1(usedforsecurity=False)
    digest.update(b"blob %d\0" % size)
    return digest


def _point(pointer: Path, blob: Path) -> None:
    """Let ``pointer`` lead to ``blob``, whatever it led to before."""
    pointer.parent.mkdir(parents=True, exist_ok=True)
    temporary = pointer.with_name(f"{pointer.name[:200]}.{os.getpid()}.{time.monotonic_ns()}.tmp")
    temporary.symlink_to(os.path.relpath(blob, pointer.parent))
    temporary.replace(pointer)


@dataclass
class _Transfer:
    """One file on its way."""

    asker: Asker
    url: str
    what: str
    wanted: Wanted
    blobs: Path
    deadline: float

    @property
    def part(self) -> Path:
        """Where the beginning lies that has arrived."""
        name = self.wanted.proof[1] if self.wanted.proof else hashlib.sha256(self.url.encode()).hexdigest()
        return self.blobs / f"{name}.incomplete"

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Wait until no other thread or process fetches this file."""
        with self.part.with_suffix(".lock").open("w") as lock:
            while True:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() > self.deadline:
                        raise httpx2.ReadTimeout("another process fetches this file") from None
                    time.sleep(_LOCK_SECONDS)
            yield

    def blob(self) -> Path:
        """Return the proved content, fetched unless it lies there; raise Refused, OSError, TransportError."""
        proof = self.wanted.proof
        if proof is not None and is_proved(self.blobs / proof[1], self.wanted):
            return self.blobs / proof[1]
        if proof is None:
            self.part.unlink(missing_ok=True)
        was_resumed = self.part.exists()
        self._fetch()
        found = self._digest_of_part()
        if proof is not None and found != proof[1] and was_resumed:
            # What lay there was the beginning of something else.
            self.part.unlink()
            self._fetch()
            found = self._digest_of_part()
        if proof is not None and found != proof[1]:
            self.part.unlink()
            raise Refused("damaged", self.asker.place, self.what)
        blob = self.blobs / found
        self.part.replace(blob)
        return blob

    def _digest_of_part(self) -> str:
        kind = self.wanted.proof[0] if self.wanted.proof else "sha256"
        digest = _new_digest(kind, self.wanted.size)
        with self.part.open("rb") as file:
            while chunk := file.read(_CHUNK_BYTES):
                digest.update(chunk)
        return digest.hexdigest()

    def _fetch(self) -> None:
        """Let the part grow to the listed size, resuming it after breaks."""
        n_failed = 0
        while True:
            start = self.part.stat().st_size if self.part.exists() else 0
            if start > self.wanted.size:
                self.part.unlink()
                start = 0
            try:
                if start < self.wanted.size or not self.part.exists():
                    self._ask(start)
                return
            except httpx2.TransportError:
                has_grown = self.part.exists() and self.part.stat().st_size > start
                n_failed = 0 if has_grown else n_failed + 1
                if n_failed > bounds.RETRIES or time.monotonic() >= self.deadline:
                    raise
                sleep(0 if has_grown else min(2 ** (n_failed - 1), bounds.MAX_PAUSE_SECONDS))

    def _ask(self, start: int) -> None:
        headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={start}-"} if start else {})
        left = self.deadline - time.monotonic()
        with self.asker.answer(self.url, self.what, headers=headers, redirects="anywhere", seconds=left) as response:
            if response.headers.get("Content-Encoding", "identity").lower() not in {"identity", ""}:
                raise Refused("damaged", self.asker.place, self.what)
            match = _RANGE.fullmatch(response.headers.get("Content-Range", ""))
            is_continued = response.status_code == _PARTIAL and match is not None and int(match[1]) == start
            if response.status_code == _NOT_SATISFIABLE or (response.status_code == _PARTIAL and not is_continued):
                self.part.unlink(missing_ok=True)
                raise httpx2.RemoteProtocolError("the file has changed since its transfer began")
            size = start if is_continued else 0
            with self.part.open("ab" if is_continued else "wb") as file:
                for chunk in response.iter_raw():
                    size += len(chunk)
                    if size > self.wanted.size:
                        raise Refused("damaged", self.asker.place, self.what)
                    file.write(chunk)
        if size < self.wanted.size:
            raise httpx2.ReadError("the answer broke off")


def free_bytes(folder: Path) -> int:
    """Return how many bytes may be written below ``folder``: the disk's free ones but those to spare."""
    existing = next(path for path in (folder.absolute(), *folder.absolute().parents) if path.exists())
    return max(0, shutil.disk_usage(existing).free - bounds.SPARE_BYTES)


def require_spare_disk(folder: Path) -> None:
    """Raise InputError when nothing more should be written below ``folder``."""
    if free_bytes(folder) == 0:
        raise InputError(f"Less than {bounds.SPARE_BYTES / 1e9:,.1f} GB of the disk are free; free some space first.")
