"""The Hub's HTTP API through huggingface_hub, whose retries and rate limits it keeps: the one place that asks it.

``huggingface_hub.utils.http_backoff`` repeats a request after timeouts, dropped connections and
408, 429 and 5xx answers, five times, waiting longer each time; after a 429 it waits as long as the
``RateLimit`` or ``Retry-After`` header says. What is left is turned into one sentence here.
"""

import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlencode, urlsplit

import httpx2
from huggingface_hub import constants, hf_hub_download
from huggingface_hub.errors import HfHubHTTPError, OfflineModeIsEnabled
from huggingface_hub.utils import build_hf_headers, hf_raise_for_status, http_backoff, http_stream_backoff

from extract.hub.parts import Parts
from extract.hub.refusals import Place, Refused, refusal
from extract.hub.waiting_words import speak_plainly

REQUEST_SECONDS: Final = 60.0
FIRST_CONTACT_RETRIES: Final = 1
"""The first request says within seconds that the Hub cannot be reached; later ones are worth waiting for."""

RETRIES: Final = 5
MAX_WAIT_SECONDS: Final = 8
_BAD_REQUEST: Final = 400
_CHUNK_BYTES: Final = 65_536


def endpoint() -> str:
    """Return the Hub that is used: ``HF_ENDPOINT``, or huggingface.co."""
    return (os.environ.get("HF_ENDPOINT") or constants.ENDPOINT).rstrip("/")


def endpoint_label() -> str:
    """Return what the run log calls the Hub: ``MODELKIN_ENDPOINT_LABEL``, or its address without user and password."""
    return os.environ.get("MODELKIN_ENDPOINT_LABEL") or _without_credentials(endpoint())


@dataclass(frozen=True)
class Page:
    """One page of a listing: what it holds, and the query of the next one (None on the last)."""

    items: list[dict[str, Any]]
    next_query: str | None


@dataclass(frozen=True)
class TextFile:
    """The text of a file, the commit it belongs to, and whether it was longer than was read."""

    text: str
    sha: str | None
    is_cut: bool


@dataclass
class HubClient:
    """Requests to one Hub. Every method raises Refused, a HubError, when the Hub does not give what is asked."""

    endpoint: str = field(default_factory=endpoint)
    _is_known: bool = False
    _parts: Parts = field(init=False)

    def __post_init__(self) -> None:
        speak_plainly()
        self._parts = Parts(self.endpoint, self._place)

    def list_query(self, filters: Mapping[str, str | Sequence[str]]) -> str:
        """Return the query string of a listing's first page."""
        return urlencode(filters, doseq=True)

    def page(self, query: str) -> Page:
        """Fetch one page of ``/api/models``.

        Of the next page's address only the query is kept, so that neither the token nor the crawl
        ever leaves the endpoint that the user chose.
        """
        what = "the list of models"
        response = self._get(f"{self.endpoint}/api/models?{query}", what)
        items = self._json(response, what)
        if not (isinstance(items, list) and all(isinstance(item, dict) for item in items)):
            raise Refused("odd", self._place, what, cause="no list of models")
        following = response.links.get("next", {}).get("url")
        return Page(items, urlsplit(following).query or None if following else None)

    def model(self, model_id: str, expand: Sequence[str], fallback: Sequence[str] = ()) -> dict[str, Any]:
        """Fetch one model with the properties ``expand``; a Hub that refuses them (400) is asked for ``fallback``."""
        query = urlencode({"expand": expand}, doseq=True)
        try:
            response = self._get(f"{self.endpoint}/api/models/{_path(model_id)}?{query}", model_id)
        except Refused as refused:
            if refused.status == _BAD_REQUEST and fallback:
                return self.model(model_id, fallback)
            raise
        return self._model_of(response, model_id)

    def repository(self, model_id: str, sha: str | None) -> dict[str, Any]:
        """Fetch one model at a commit, or the newest, with the sizes and digests of its files."""
        revision = f"/revision/{quote(sha, safe='')}" if sha else ""
        response = self._get(f"{self.endpoint}/api/models/{_path(model_id)}{revision}?blobs=true", model_id)
        return self._model_of(response, model_id)

    def download(self, model_id: str, name: str, sha: str, folder: Path) -> Path:
        """Bring one file at a commit onto the disk, below ``folder``, or find it there."""
        try:
            return Path(hf_hub_download(model_id, name, revision=sha, cache_dir=folder, endpoint=self.endpoint))
        except Exception as error:
            raise refusal(error, self._place, f"{name} of {model_id}") from error

    def part(self, model_id: str, name: str, sha: str, *, start: int, stop: int, size: int) -> bytes:
        """Fetch the bytes from ``start`` to before ``stop`` of a file of ``size`` bytes at a commit.

        Any number of threads may call this at once. Raises Refused: `range` where the server gives
        another part, or more than was asked for.
        """
        path = f"{_path(model_id)}/resolve/{quote(sha, safe='')}/{quote(name)}"
        return self._parts.fetch(path, f"{name} of {model_id}", start, stop, size)

    def release(self, model_id: str) -> None:
        """Forget where the files of a model lie."""
        self._parts.release(f"{_path(model_id)}/resolve/")

    def text_file(self, model_id: str, name: str, max_bytes: int) -> TextFile | None:
        """Fetch the start of a model's text file, at most ``max_bytes`` of it.

        None when there is no such file or it is not public (as of a gated model). What is not UTF-8
        is replaced character by character.
        """
        what = f"{name} of {model_id}"
        url = f"{self.endpoint}/{_path(model_id)}/resolve/main/{quote(name)}"
        for n_failed in range(RETRIES + 1):
            try:
                return _read_text(url, max_bytes)
            except httpx2.TransportError as error:
                if n_failed == RETRIES:
                    raise refusal(error, self._place, what) from error
                time.sleep(min(2**n_failed, MAX_WAIT_SECONDS))
            except (HfHubHTTPError, OfflineModeIsEnabled) as error:
                refused = refusal(error, self._place, what)
                if refused.kind in _NOT_PUBLIC:
                    return None
                raise refused from error
        return None

    def _get(self, url: str, what: str) -> httpx2.Response:
        try:
            response = http_backoff(
                "GET",
                url,
                headers=build_hf_headers(),
                timeout=REQUEST_SECONDS,
                max_retries=RETRIES if self._is_known else FIRST_CONTACT_RETRIES,
            )
            self._is_known = True
            hf_raise_for_status(response)
        except (HfHubHTTPError, httpx2.HTTPError, OfflineModeIsEnabled, OSError) as error:
            raise refusal(error, self._place, what) from error
        return response

    def _model_of(self, response: httpx2.Response, model_id: str) -> dict[str, Any]:
        item = self._json(response, model_id)
        if not (isinstance(item, dict) and isinstance(item.get("id"), str)):
            raise Refused("odd", self._place, model_id, cause="no model")
        return item

    def _json(self, response: httpx2.Response, what: str) -> object:
        try:
            return response.json()
        except ValueError as error:
            raise Refused("odd", self._place, what, cause="no JSON") from error

    @property
    def _place(self) -> Place:
        return Place(_without_credentials(self.endpoint), endpoint_label())


_NOT_PUBLIC: Final = frozenset({"missing", "gated", "disabled", "revision", "file"})
"""Refusals after which there is no text for the public."""


def _read_text(url: str, max_bytes: int) -> TextFile:
    content = bytearray()
    # http_stream_backoff cannot repeat a request whose answer breaks off half way: the caller does.
    with http_stream_backoff(
        "GET", url, headers=build_hf_headers(), timeout=REQUEST_SECONDS, max_retries=RETRIES, retry_on_exceptions=()
    ) as response:
        hf_raise_for_status(response)
        for chunk in response.iter_bytes(_CHUNK_BYTES):
            content += chunk
            if len(content) > max_bytes:
                break
        sha = response.headers.get("X-Repo-Commit")
    return TextFile(bytes(content[:max_bytes]).decode("utf-8", "replace"), sha, len(content) > max_bytes)


def _path(model_id: str) -> str:
    return quote(model_id, safe="/")


def _without_credentials(url: str) -> str:
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
