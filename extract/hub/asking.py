"""One question to a server that may be hostile: nothing that it says costs more bytes, time or trust than is set here.

A question is repeated after a dropped connection and after 408, 429 and 5xx, waiting longer each time;
after a 429 as long as the Hub's ``RateLimit`` or ``Retry-After`` says. The access token goes to the Hub's
own scheme, host and port alone, wherever it redirects to. The Hub is told who asks, Modelkin in its
version, and nothing about this machine.
"""

import atexit
import contextvars
import logging
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from typing import Any, Final, Literal
from urllib.parse import urljoin, urlsplit

import httpcore2
import httpx2
from huggingface_hub import constants, get_token
from huggingface_hub.errors import OfflineModeIsEnabled
from huggingface_hub.utils import hf_raise_for_status

from extract.hub import bounds
from extract.hub.refusals import Place, Refused, refusal

_LOG: Final = logging.getLogger(__name__)
_PORTS: Final = {"http": 80, "https": 443}
_REPEATED: Final = frozenset({408, 429, 500, 502, 503, 504})
_LIMITED: Final = 429
_ERROR_HEADERS: Final = ("X-Error-Code", "X-Error-Message")
_RATE: Final = re.compile(r";\s*r\s*=\s*0\s*;\s*t\s*=\s*(\d{1,9})", re.ASCII)
_SECONDS: Final = re.compile(r"\s*(\d{1,9})\s*", re.ASCII)

Redirects = Literal["home", "anywhere", "told"]
"""Whither redirects are followed: on the Hub alone, to other hosts too, or not at all (the caller is told)."""


@dataclass(frozen=True)
class Asker:
    """Asks one Hub and the storages that it redirects to."""

    home: str
    """The endpoint that the user chose."""
    place: Place

    @contextmanager
    def answer(
        self,
        url: str,
        what: str,
        *,
        headers: dict[str, str] | None = None,
        redirects: Redirects = "home",
        retries: int | None = None,
        seconds: float | None = None,
    ) -> Iterator[httpx2.Response]:
        """Ask for ``url`` and give the answer, a success or 416, its content still to be read.

        With ``redirects`` "told", a redirect is given too. Raises Refused. While the content is read,
        the body of the ``with`` may see httpx2.TransportError: the connection broke, or ``seconds`` are over.
        """
        if constants.is_offline_mode():
            raise refusal(OfflineModeIsEnabled(), self.place, what)
        retries = bounds.RETRIES if retries is None else retries
        allowed = _Allowance(time.monotonic() + (bounds.ANSWER_SECONDS if seconds is None else seconds))
        response = self._final(_Question(url, what, headers or {}, redirects, retries), allowed)
        token = _DEADLINE.set(allowed.deadline)
        try:
            yield response
        finally:
            _DEADLINE.reset(token)
            response.close()

    def _final(self, question: "_Question", allowed: "_Allowance") -> httpx2.Response:
        """Return the answer after all repeats and redirects."""
        url, what, retries = question.url, question.what, question.retries
        history: list[httpx2.Response] = []
        n_failed = 0
        while True:
            try:
                response = self._once(url, question.headers, allowed)
            except httpx2.TransportError as error:
                if n_failed >= retries or allowed.is_over:
                    raise self._lost(error, what, allowed) from error
                n_failed += 1
                _pause(n_failed, retries)
                continue
            except (httpx2.InvalidURL, UnicodeError) as error:
                raise Refused("odd", self.place, what, cause="it is redirected to no address") from error
            response.history = history
            if response.has_redirect_location and question.redirects != "told":
                response.close()
                history = [*history, response]
                if len(history) > bounds.MAX_REDIRECTS:
                    raise Refused("odd", self.place, what, cause="it is redirected again and again")
                leaves_home = question.redirects == "anywhere"
                url = self.target(url, response.headers["Location"], what, leaves_home=leaves_home)
            elif response.status_code in _REPEATED and n_failed < retries and not allowed.is_over:
                response.close()
                n_failed += 1
                self._wait(response, n_failed, question, allowed)
            else:
                self._require_success(response, what)
                return response

    def _once(self, url: str, headers: dict[str, str], allowed: "_Allowance") -> httpx2.Response:
        client = _client()
        own = {"User-Agent": _user_agent(), "Accept-Encoding": "gzip"}
        if origin(url) == origin(self.home) and (secret := _token()) is not None:
            own["Authorization"] = f"Bearer {secret}"
        request = client.build_request("GET", url, headers={**own, **headers}, timeout=bounds.SILENT_SECONDS)
        token = _DEADLINE.set(allowed.deadline)
        try:
            # The user and password of an address are the Hub's alone too; httpx sends them with that address only.
            return client.send(request, stream=True, follow_redirects=False)
        finally:
            _DEADLINE.reset(token)

    def target(self, url: str, location: str, what: str, *, leaves_home: bool) -> str:
        """Return where a redirect leads; raise Refused where nobody should follow it."""
        try:
            address = urljoin(url, location)
            scheme, host, _ = origin(address)
        except ValueError:
            raise Refused("odd", self.place, what, cause="it is redirected to no address") from None
        if scheme not in _PORTS or (scheme == "http" and self.home.startswith("https:")):
            raise Refused("odd", self.place, what, cause=f"it is redirected to the kind {scheme[:20]!a}")
        if not leaves_home and origin(address) != origin(self.home):
            raise Refused("odd", self.place, what, cause=f"it is redirected to another host, {host[:80]!a}")
        return address

    def _wait(self, response: httpx2.Response, number: int, question: "_Question", allowed: "_Allowance") -> None:
        seconds = _seconds_asked_for(response)
        if seconds is None:
            _pause(number, question.retries)
            return
        if seconds > bounds.MAX_LIMIT_SECONDS:
            raise Refused("limited", self.place, question.what, status=response.status_code)
        _LOG.warning("The Hub limits the rate; waiting %d s (%d of %d).", seconds + 1, number, question.retries)
        sleep(seconds + 1.0)
        allowed.deadline += seconds + 1

    def _require_success(self, response: httpx2.Response, what: str) -> None:
        """Raise Refused for an answer that is an error; of the server's own words only the two known headers count."""
        if response.status_code < 400 or response.status_code == 416:
            return
        kept = {name: response.headers[name][:500] for name in _ERROR_HEADERS if name in response.headers}
        response.close()
        bare = httpx2.Response(response.status_code, headers=kept, content=b"{}", request=response.request)
        bare.history = response.history
        try:
            hf_raise_for_status(bare)
        except httpx2.HTTPError as error:
            raise refusal(error, self.place, what) from error

    def _lost(self, error: Exception, what: str, allowed: "_Allowance") -> Refused:
        if allowed.is_over:
            return Refused("unreachable", self.place, what, cause="it takes longer than an answer may")
        return refusal(error, self.place, what)


def content_of(response: httpx2.Response, max_bytes: int) -> bytes:
    """Return the content, cut off soon after ``max_bytes``; compressed as gzip once at most.

    Raises httpx2.TransportError when the connection breaks, httpx2.DecodingError when the content is no gzip.
    """
    if response.headers.get("Content-Encoding", "identity").strip().lower() not in {"", "identity", "gzip"}:
        raise httpx2.DecodingError("compressed in a way that was not asked for")
    content = bytearray()
    for chunk in response.iter_bytes():
        content += chunk
        if len(content) > max_bytes:
            break
    return bytes(content)


def origin(url: str) -> tuple[str, str, int | None]:
    """Return scheme, host and port of an address; raise ValueError where it has none."""
    parts = urlsplit(url)
    return parts.scheme, (parts.hostname or "").lower(), parts.port or _PORTS.get(parts.scheme)


@dataclass(frozen=True)
class _Question:
    url: str
    what: str
    headers: dict[str, str]
    redirects: Redirects
    retries: int


@dataclass
class _Allowance:
    deadline: float

    @property
    def is_over(self) -> bool:
        return time.monotonic() >= self.deadline


def sleep(seconds: float) -> None:
    """Wait; tests put another function here."""
    time.sleep(seconds)


def _pause(number: int, retries: int) -> None:
    seconds = min(2 ** (number - 1), bounds.MAX_PAUSE_SECONDS)
    if retries > 1:
        # The only repeat of a first contact is not mentioned: the error that follows says it all.
        _LOG.warning("The Hub did not answer; asking again in %d s (%d of %d).", seconds, number, retries)
    sleep(seconds)


def _seconds_asked_for(response: httpx2.Response) -> int | None:
    if response.status_code == _LIMITED and (match := _RATE.search(response.headers.get("RateLimit", "")[:200])):
        return int(match[1])
    match = _SECONDS.fullmatch(response.headers.get("Retry-After", "")[:20])
    return int(match[1]) if match else None


def _token() -> str | None:
    return None if constants.HF_HUB_DISABLE_IMPLICIT_TOKEN else get_token()


@cache
def _user_agent() -> str:
    return f"modelkin/{metadata.version('modelkin')}"


_DEADLINE: Final[contextvars.ContextVar[float | None]] = contextvars.ContextVar("deadline", default=None)
"""When what this thread reads from the network must be over, on the monotonic clock."""


class _Stream(httpcore2.NetworkStream):
    """A connection whose every read ends at the deadline, be it of a header that arrives byte by byte."""

    def __init__(self, stream: httpcore2.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _left(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(self, *arguments: Any, **named: Any) -> httpcore2.NetworkStream:  # noqa: ANN401
        return _Stream(self._stream.start_tls(*arguments, **named))

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401
        return self._stream.get_extra_info(info)


class _Network(httpcore2.NetworkBackend):
    """The network, with deadlines."""

    def __init__(self, network: httpcore2.NetworkBackend) -> None:
        self._network = network

    def connect_tcp(self, *arguments: Any, **named: Any) -> httpcore2.NetworkStream:  # noqa: ANN401
        limit = {"timeout": _left(named.get("timeout"))}
        return _Stream(self._network.connect_tcp(*arguments, **(named | limit)))

    def sleep(self, seconds: float) -> None:
        self._network.sleep(seconds)


def _left(timeout: float | None) -> float | None:
    deadline = _DEADLINE.get()
    if deadline is None:
        return timeout
    left = deadline - time.monotonic()
    if left <= 0:
        raise httpcore2.ReadTimeout("the time for this answer is over")
    return left if timeout is None else min(timeout, left)


_CLIENTS: Final = threading.Lock()
_shared: list[httpx2.Client] = []


def _client() -> httpx2.Client:
    """Return the one client of this process; proxies are those of the environment."""
    with _CLIENTS:
        if not _shared:
            client = httpx2.Client(timeout=bounds.SILENT_SECONDS)
            for transport in (client._transport, *client._mounts.values()):
                # httpx offers no place for a network of one's own; a test holds that this one is used.
                if isinstance(transport, httpx2.HTTPTransport):
                    pool = transport._pool
                    pool._network_backend = _Network(pool._network_backend)
            _shared.append(client)
            atexit.register(client.close)
        return _shared[0]
