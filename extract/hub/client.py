"""The Hub's HTTP API: the one place that asks it. What it does not give becomes one sentence.

How a question is asked, repeated and bounded is `extract.hub.asking`'s; how a file is brought onto the
disk and proved is `extract.hub.files`'s.
"""

import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlencode, urljoin, urlsplit

import httpx2
from huggingface_hub import constants

from extract.hub import bounds
from extract.hub.asking import Asker, Redirects, content_of
from extract.hub.files import Wanted, fetch_file
from extract.hub.parts import Parts
from extract.hub.refusals import Place, Refused, refusal

FIRST_CONTACT_RETRIES: Final = 1
"""The first request says within seconds that the Hub cannot be reached; later ones are worth waiting for."""

_BAD_REQUEST: Final = 400
_LISTING: Final = "/api/models"
_COMMIT: Final = re.compile(r"[0-9a-f]{7,64}", re.ASCII)
_NEXT: Final = re.compile(r"<([^<>]*)>\s*;\s*rel=\"?next\"?")
_MAX_LINK: Final = 16_384


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
    _asker: Asker = field(init=False)
    _parts: Parts = field(init=False)

    def __post_init__(self) -> None:
        self._asker = Asker(self.endpoint, self._place)
        self._parts = Parts(self._asker)

    def list_query(self, filters: Mapping[str, str | Sequence[str]]) -> str:
        """Return the query string of a listing's first page."""
        return urlencode(filters, doseq=True)

    def page(self, query: str) -> Page:
        """Fetch one page of ``/api/models``.

        The next page must lie on the endpoint that the user chose: Raises Refused where a server names another.
        """
        what = "the list of models"
        items, following = self._json(f"{self.endpoint}{_LISTING}?{query}", what)
        if not (isinstance(items, list) and all(isinstance(item, dict) for item in items)):
            raise Refused("odd", self._place, what, cause="no list of models")
        return Page(items, self._query_of(following, what) if following else None)

    def _query_of(self, following: str, what: str) -> str | None:
        try:
            address = urlsplit(urljoin(f"{self.endpoint}{_LISTING}", following))
            own, other = urlsplit(self.endpoint), (address.hostname, address.port)
        except ValueError:
            raise Refused("odd", self._place, what, cause="its next page has no address") from None
        if other != (own.hostname, own.port) or not address.path.endswith(_LISTING):
            raise Refused("odd", self._place, what, cause="its next page is said to lie elsewhere")
        return address.query or None

    def model(self, model_id: str, expand: Sequence[str], fallback: Sequence[str] = ()) -> dict[str, Any]:
        """Fetch one model with the properties ``expand``; a Hub that refuses them (400) is asked for ``fallback``."""
        query = urlencode({"expand": expand}, doseq=True)
        try:
            item, _ = self._json(f"{self.endpoint}/api/models/{_path(model_id)}?{query}", model_id)
        except Refused as refused:
            if refused.status == _BAD_REQUEST and fallback:
                return self.model(model_id, fallback)
            raise
        return self._model_of(item, model_id)

    def repository(self, model_id: str, sha: str | None) -> dict[str, Any]:
        """Fetch one model at a commit, or the newest, with the sizes and digests of its files."""
        revision = f"/revision/{quote(sha, safe='')}" if sha else ""
        item, _ = self._json(f"{self.endpoint}/api/models/{_path(model_id)}{revision}?blobs=true", model_id)
        return self._model_of(item, model_id)

    def download(self, model_id: str, sha: str, wanted: Wanted, folder: Path, seconds: float) -> Path:
        """Bring one file at a commit onto the disk, below ``folder``, or find it there; either way it is proved.

        ``seconds`` is all the time that it may take. Raises Refused, and InputError when the disk is full.
        """
        return fetch_file(self._asker, (model_id, sha), wanted, folder, seconds)

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
        try:
            content, headers = self._read(url, what, max_bytes, redirects="anywhere")
        except Refused as refused:
            if refused.kind in _NOT_PUBLIC:
                return None
            raise
        text = content[:max_bytes].decode("utf-8", "replace")
        sha = headers.get("X-Repo-Commit", "")
        return TextFile(text, sha if is_commit(sha) else None, len(content) > max_bytes)

    def _read(
        self, url: str, what: str, max_bytes: int, *, redirects: Redirects = "home"
    ) -> tuple[bytes, httpx2.Headers]:
        """Return the content, cut off soon after ``max_bytes``, and the headers; an answer that breaks is repeated."""
        retries = bounds.RETRIES if self._is_known else FIRST_CONTACT_RETRIES
        for n_failed in range(retries + 1):
            with self._asker.answer(url, what, redirects=redirects, retries=retries) as response:
                self._is_known = True
                try:
                    return content_of(response, max_bytes), response.headers
                except httpx2.DecodingError as error:
                    raise Refused(
                        "odd", self._place, what, cause="it is compressed in a way that is not read"
                    ) from error
                except httpx2.TransportError as error:
                    is_slow = isinstance(error, httpx2.TimeoutException)
                    if is_slow or n_failed == retries:
                        raise refusal(error, self._place, what) from error
        raise AssertionError("the last attempt returns or raises")

    def _json(self, url: str, what: str) -> tuple[object, str | None]:
        """Return what an answer says, and the address of the next page where it names one."""
        content, headers = self._read(url, what, bounds.MAX_ANSWER_BYTES)
        if len(content) > bounds.MAX_ANSWER_BYTES:
            raise Refused("odd", self._place, what, cause=f"more than {bounds.MAX_ANSWER_BYTES:,} bytes")
        if sum(content.count(mark) for mark in (b",", b"[", b"{")) > bounds.MAX_VALUES:
            raise Refused("odd", self._place, what, cause=f"more than {bounds.MAX_VALUES:,} values")
        try:
            found = json.loads(content)
        except (ValueError, RecursionError) as error:
            raise Refused("odd", self._place, what, cause="no JSON") from error
        return found, _next_of(headers)

    def _model_of(self, item: object, model_id: str) -> dict[str, Any]:
        if not (isinstance(item, dict) and isinstance(item.get("id"), str)):
            raise Refused("odd", self._place, model_id, cause="no model")
        return item

    @property
    def _place(self) -> Place:
        return Place(_without_credentials(self.endpoint), endpoint_label())


_NOT_PUBLIC: Final = frozenset({"missing", "gated", "disabled", "revision", "file"})
"""Refusals after which there is no text for the public."""


def is_commit(text: str) -> bool:
    """Return whether ``text`` can be the name of a commit, and so of a folder."""
    return _COMMIT.fullmatch(text) is not None


def _next_of(headers: httpx2.Headers) -> str | None:
    match = _NEXT.search(headers.get("Link", "")[:_MAX_LINK])
    return match[1] if match else None


def _path(model_id: str) -> str:
    return quote(model_id, safe="/")


def _without_credentials(url: str) -> str:
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
