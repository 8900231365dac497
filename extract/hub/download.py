"""Fetch one large file over HTTP into the cache; an interrupted download resumes where it stopped."""

import hashlib
import time
from pathlib import Path
from typing import Final
from urllib.parse import quote

import httpx2
from huggingface_hub.errors import HfHubHTTPError, OfflineModeIsEnabled
from huggingface_hub.utils import build_hf_headers, hf_raise_for_status, http_stream_backoff

from extract.hub.client import endpoint
from extract.hub.waiting_words import speak_plainly
from modelkin.errors import HubError, UsageError
from modelkin.folders import cache_root, sweep
from modelkin.progress import Progress

RETRIES: Final = 5
"""How often a transfer that brings nothing is tried again, waiting longer each time."""

TRANSFER_SECONDS: Final = 60.0
_MEGABYTE: Final = 1_000_000


def download(address: str) -> Path:
    """Fetch ``address`` (https, http or ``hf://datasets/OWNER/NAME/PATH``) and return the whole file.

    Raises HubError when it cannot be had; what arrived is kept, and the next call resumes there.
    """
    speak_plainly()
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
        n_failed = 0
        while True:
            size_before = part.stat().st_size if part.exists() else 0
            try:
                _fetch(url, part, progress)
                break
            except httpx2.TransportError as error:
                has_progress = part.exists() and part.stat().st_size > size_before
                n_failed = 0 if has_progress else n_failed + 1
                if n_failed > RETRIES:
                    raise _failure(url, type(error).__name__) from error
                time.sleep(0 if has_progress else 2 ** (n_failed - 1))
            except HfHubHTTPError as error:
                raise _failure(url, f"HTTP {error.response.status_code}") from error
            except OfflineModeIsEnabled as error:
                raise _failure(url, "HF_HUB_OFFLINE is set") from error
    finally:
        progress.close()
    part.replace(target)
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
    start = part.stat().st_size if part.exists() else 0
    # The access token belongs to the Hub alone.
    headers = build_hf_headers(token=None if url.startswith(endpoint() + "/") else False)
    headers["Accept-Encoding"] = "identity"
    if start:
        headers["Range"] = f"bytes={start}-"
    # http_stream_backoff cannot repeat a request whose answer breaks off half way: the caller does.
    with http_stream_backoff("GET", url, headers=headers, timeout=TRANSFER_SECONDS, retry_on_exceptions=()) as response:
        if response.status_code == 416:
            # The file was whole already, or has changed since: its size decides.
            size = response.headers.get("Content-Range", "").rpartition("/")[2]
            if size == str(start):
                return
            part.unlink()
            raise httpx2.RemoteProtocolError("the file has changed since the download began")
        hf_raise_for_status(response)
        is_continued = response.status_code == 206
        total = int(response.headers.get("Content-Length") or 0) + (start if is_continued else 0)
        with part.open("ab" if is_continued else "wb") as file:
            for chunk in response.iter_raw():
                file.write(chunk)
                progress.update(file.tell() // _MEGABYTE, total=total // _MEGABYTE or None)


def _failure(url: str, reason: str) -> HubError:
    address = url.partition("?")[0].rpartition("@")[2]
    return HubError(f"{address} cannot be fetched ({reason}); run this again to resume.")
