"""Fetch one large file over HTTP into the cache; an interrupted download resumes, as long as the file is the same."""

import hashlib
import json
import re
import time
from pathlib import Path
from typing import Final
from urllib.parse import quote, urlsplit

import httpx2

from extract.hub import bounds
from extract.hub.asking import Asker, sleep
from extract.hub.client import endpoint, endpoint_label
from extract.hub.files import free_bytes
from extract.hub.refusals import Place, Refused
from modelkin.errors import HubError, UsageError
from modelkin.folders import cache_root, sweep
from modelkin.printable import one_line
from modelkin.progress import Progress

DOWNLOAD_SECONDS: Final = 6 * 3600.0
"""How long a dump may take in all."""

_MEGABYTE: Final = 1_000_000
_PARTIAL: Final = 206
_NOT_SATISFIABLE: Final = 416
_NUMBER: Final = re.compile(r"\d{1,15}", re.ASCII)
_RANGE: Final = re.compile(r"bytes (\d{1,15})-\d{1,15}/(\d{1,15})", re.ASCII)
_VERSION: Final = re.compile(
    r'"[\x21\x23-\x7e]{1,200}"|[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT', re.ASCII
)
"""A strong ETag, or the date of the last change: what ``If-Range`` takes."""


def download(address: str) -> Path:
    """Fetch ``address`` (https, http or ``hf://datasets/OWNER/NAME/PATH``) and return the whole file.

    Raises HubError when it cannot be had; what arrived is kept, and the next call resumes there if the
    server says that it still has the same file.
    """
    url = resolve(address)
    folder = cache_root() / "dump"
    folder.mkdir(parents=True, exist_ok=True)
    # What was begun long ago is of another version of the file.
    sweep(folder.iterdir())
    target = folder / f"{hashlib.sha256(url.encode()).hexdigest()[:24]}.parquet"
    if target.exists():
        return target
    part = target.with_suffix(".part")
    progress = Progress("MB")
    try:
        _fetch(url, part, progress)
    except Refused as refused:
        reason = f"HTTP {refused.status}" if refused.status is not None else refused.cause or refused.detail
        raise _failure(url, reason) from refused
    except httpx2.TransportError as error:
        raise _failure(url, type(error).__name__) from error
    finally:
        progress.close()
    part.replace(target)
    _tag_of(part).unlink(missing_ok=True)
    return target


def resolve(address: str) -> str:
    """Return the https address of an ``hf://`` one (main revision); others are returned as they are."""
    if not address.startswith("hf://"):
        return address
    kind, _, rest = address.removeprefix("hf://").partition("/")
    owner, _, rest = rest.partition("/")
    name, _, path = rest.partition("/")
    if kind != "datasets" or not (owner and name and path):
        raise UsageError(f"{address} is not understood; write hf://datasets/OWNER/NAME/PATH.")
    name, _, revision = name.partition("@")
    return (
        f"{endpoint()}/datasets/{quote(owner)}/{quote(name)}/resolve/{quote(revision or 'main', safe='')}/{quote(path)}"
    )


def _fetch(url: str, part: Path, progress: Progress) -> None:
    """Let ``part`` grow to the whole file, however often the transfer breaks."""
    # The access token belongs to the Hub alone: an Asker sends it to its home and to nobody else.
    asker = Asker(endpoint(), Place(urlsplit(url).hostname or "", endpoint_label()))
    deadline = time.monotonic() + DOWNLOAD_SECONDS
    n_failed = 0
    while True:
        size_before = part.stat().st_size if part.exists() else 0
        try:
            _ask(asker, url, part, progress, deadline)
        except httpx2.TransportError:
            has_grown = part.exists() and part.stat().st_size > size_before
            n_failed = 0 if has_grown else n_failed + 1
            if n_failed > bounds.RETRIES or time.monotonic() >= deadline:
                raise
            sleep(0 if has_grown else 2 ** (n_failed - 1))
        else:
            return


def _ask(asker: Asker, url: str, part: Path, progress: Progress, deadline: float) -> None:
    tag = _read_tag(part)
    if tag is None:
        # Nothing says that what the server has now begins as what lies here.
        part.unlink(missing_ok=True)
    start = part.stat().st_size if part.exists() else 0
    headers = {"Accept-Encoding": "identity"}
    if start and tag is not None:
        headers |= {"Range": f"bytes={start}-", "If-Range": tag}
    left = deadline - time.monotonic()
    with asker.answer(url, "the dump", headers=headers, redirects="anywhere", seconds=left) as response:
        own_tag = _version(response.headers)
        if response.headers.get("Content-Encoding", "identity").lower() not in {"identity", ""}:
            raise Refused("odd", asker.place, "the dump", cause="it is compressed in a way that was not asked for")
        is_continued = _continues(response, start, own_tag == tag)
        if response.status_code in {_PARTIAL, _NOT_SATISFIABLE} and not is_continued:
            part.unlink(missing_ok=True)
            raise httpx2.RemoteProtocolError("the file has changed since the download began")
        if response.status_code == _NOT_SATISFIABLE:
            return
        length = response.headers.get("Content-Length", "")
        total = int(length) + (start if is_continued else 0) if _NUMBER.fullmatch(length) else None
        room = free_bytes(part.parent)
        if total is not None and total - (start if is_continued else 0) > room:
            raise Refused("odd", asker.place, "the dump", cause=f"its {total / 1e9:,.1f} GB do not fit on the disk")
        if not is_continued:
            _write_tag(part, own_tag)
        with part.open("ab" if is_continued else "wb") as file:
            for chunk in response.iter_raw():
                room -= len(chunk)
                if room < 0:
                    raise Refused("odd", asker.place, "the dump", cause="the disk is full")
                file.write(chunk)
                progress.update(file.tell() // _MEGABYTE, total=total // _MEGABYTE if total else None)


def _continues(response: httpx2.Response, start: int, is_same: bool) -> bool:
    """Return whether an answer starts at ``start``, or says that ``start`` is the end, of the same file."""
    place = response.headers.get("Content-Range", "")
    if response.status_code == _NOT_SATISFIABLE:
        return is_same and place == f"bytes */{start}"
    match = _RANGE.fullmatch(place)
    return response.status_code == _PARTIAL and is_same and match is not None and int(match[1]) == start


def _version(headers: httpx2.Headers) -> str | None:
    """Return what names this version of the file, or None; it is only ever sent back."""
    stated = (headers.get("ETag", ""), headers.get("Last-Modified", ""))
    return next((text for text in stated if _VERSION.fullmatch(text)), None)


def _tag_of(part: Path) -> Path:
    return part.with_suffix(".tag")


def _read_tag(part: Path) -> str | None:
    try:
        tag = json.loads(_tag_of(part).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return tag if isinstance(tag, str) and _VERSION.fullmatch(tag) else None


def _write_tag(part: Path, tag: str | None) -> None:
    _tag_of(part).write_text(json.dumps(tag), encoding="utf-8")


def _failure(url: str, reason: str) -> HubError:
    address = one_line(url.partition("?")[0].rpartition("@")[2])
    return HubError(f"{address} cannot be fetched ({reason}); run this again to resume.")
