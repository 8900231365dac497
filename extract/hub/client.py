"""The network: the Hub's HTTP API through huggingface_hub, whose retries and rate limits it keeps.

``huggingface_hub.utils.http_backoff`` repeats a request after timeouts, dropped connections and
408, 429 and 5xx answers, five times, waiting longer each time; after a 429 it waits as long as the
``RateLimit`` or ``Retry-After`` header says. What is left is turned into one sentence here.
"""

import logging
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote, urlencode, urlsplit

import httpx2
from huggingface_hub import constants
from huggingface_hub.errors import HfHubHTTPError, OfflineModeIsEnabled
from huggingface_hub.utils import build_hf_headers, hf_raise_for_status, http_backoff, http_stream_backoff

from modelkin.errors import HubError

REQUEST_SECONDS: Final = 60.0
FIRST_CONTACT_RETRIES: Final = 1
"""The first request says within seconds that the Hub cannot be reached; later ones are worth waiting for."""

RETRIES: Final = 5
MAX_WAIT_SECONDS: Final = 8
_ABSENT: Final = (401, 403, 404)
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


@dataclass
class HubClient:
    """Requests to one Hub. Every method raises HubError with a sentence when the Hub does not answer."""

    endpoint: str = field(default_factory=endpoint)
    _is_known: bool = False

    def __post_init__(self) -> None:
        shorten_logged_addresses()

    def list_query(self, filters: Mapping[str, str | Sequence[str]]) -> str:
        """Return the query string of a listing's first page."""
        return urlencode(filters, doseq=True)

    def page(self, query: str) -> Page:
        """Fetch one page of ``/api/models``.

        Of the next page's address only the query is kept, so that neither the token nor the crawl
        ever leaves the endpoint that the user chose.
        """
        url = f"{self.endpoint}/api/models?{query}"
        response = self._get(url)
        self._check(response, "listing models")
        items = self._json(response, list)
        if not all(isinstance(item, dict) for item in items):
            raise HubError(f"{self._name} sent a listing that is not one of models; check HF_ENDPOINT.")
        following = response.links.get("next", {}).get("url")
        return Page(items, urlsplit(following).query or None if following else None)

    def model(self, model_id: str, expand: Sequence[str], fallback: Sequence[str] = ()) -> dict[str, Any] | None:
        """Fetch one model with the properties ``expand``; None when it does not exist or may not be seen.

        A Hub that refuses ``expand`` (400) is asked again with ``fallback``.
        """
        response = self._get(
            f"{self.endpoint}/api/models/{_path(model_id)}?{urlencode({'expand': expand}, doseq=True)}"
        )
        if response.status_code == 400 and fallback:
            return self.model(model_id, fallback)
        if response.status_code in _ABSENT:
            return None
        self._check(response, f"reading {model_id}")
        item = self._json(response, dict)
        if not isinstance(item.get("id"), str):
            raise HubError(f"{self._name} sent no model for {model_id}; check HF_ENDPOINT.")
        return dict(item)

    def text_file(self, model_id: str, name: str, max_bytes: int) -> "TextFile | None":
        """Fetch the start of a model's text file, at most ``max_bytes`` of it.

        None when there is no such file or it is not public (as of a gated model). What is not UTF-8
        is replaced character by character.
        """
        url = f"{self.endpoint}/{_path(model_id)}/resolve/main/{quote(name)}"
        for n_failed in range(RETRIES + 1):
            try:
                return _read_text(url, max_bytes)
            except httpx2.TransportError as error:
                if n_failed == RETRIES:
                    raise self._explain(error, f"reading {name} of {model_id}") from error
                time.sleep(min(2**n_failed, MAX_WAIT_SECONDS))
            except (HfHubHTTPError, OfflineModeIsEnabled) as error:
                raise self._explain(error, f"reading {name} of {model_id}") from error
        return None

    def _get(self, url: str) -> httpx2.Response:
        try:
            response = http_backoff(
                "GET",
                url,
                headers=build_hf_headers(),
                timeout=REQUEST_SECONDS,
                max_retries=RETRIES if self._is_known else FIRST_CONTACT_RETRIES,
            )
        except (HfHubHTTPError, httpx2.HTTPError, OfflineModeIsEnabled) as error:
            raise self._explain(error, "listing models") from error
        self._is_known = True
        return response

    def _check(self, response: httpx2.Response, doing: str) -> None:
        try:
            hf_raise_for_status(response)
        except HfHubHTTPError as error:
            raise self._explain(error, doing) from error

    def _json(self, response: httpx2.Response, kind: type) -> Any:  # noqa: ANN401
        try:
            value = response.json()
        except ValueError as error:
            raise HubError(f"{self._name} did not answer as a Hub does (no JSON); check HF_ENDPOINT.") from error
        if not isinstance(value, kind):
            raise HubError(f"{self._name} did not answer as a Hub does ({type(value).__name__}); check HF_ENDPOINT.")
        return value

    @property
    def _name(self) -> str:
        return _without_credentials(self.endpoint)

    def _explain(self, error: Exception, doing: str) -> HubError:
        if isinstance(error, OfflineModeIsEnabled):
            return HubError("The Hub may not be asked while HF_HUB_OFFLINE is set; unset it, then run this again.")
        if isinstance(error, HfHubHTTPError):
            status = error.response.status_code
            if status == 429:
                return HubError(
                    f"{self._name} still limits the rate after {RETRIES} waits; run this again later to go on."
                )
            if status in {401, 403}:
                return HubError(f"{self._name} refused ({status}) while {doing}; check the access token (HF_TOKEN).")
            return HubError(f"{self._name} answered {status} while {doing}; run this again to go on.")
        kind = type(error).__name__
        return HubError(f"{self._name} cannot be reached ({kind}) while {doing}; check the network and HF_ENDPOINT.")


@dataclass(frozen=True)
class TextFile:
    """The text of a file, the commit it belongs to, and whether it was longer than was read."""

    text: str
    sha: str | None
    is_cut: bool


class _WithoutQuery(logging.Filter):
    """Cut a message at the query of its address, which is long and may hold a signature."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = record.getMessage().partition("?")[0], ()
        return True


_WITHOUT_QUERY: Final = _WithoutQuery()


def shorten_logged_addresses() -> None:
    """Keep queries out of what huggingface_hub logs about repeated requests."""
    logging.getLogger("huggingface_hub.utils._http").addFilter(_WITHOUT_QUERY)


def _read_text(url: str, max_bytes: int) -> TextFile | None:
    content = bytearray()
    # http_stream_backoff cannot repeat a request whose answer breaks off half way: the caller does.
    with http_stream_backoff(
        "GET", url, headers=build_hf_headers(), timeout=REQUEST_SECONDS, max_retries=RETRIES, retry_on_exceptions=()
    ) as response:
        if response.status_code in _ABSENT:
            return None
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
