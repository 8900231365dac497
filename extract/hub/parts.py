"""Parts of files by HTTP Range, in many threads at once.

The Hub answers a request for a large file with a redirect to a signed address of its storage, on another
host. That address is kept for the file's other parts, so that the Hub is asked once per file and not once
per part. The access token goes to the Hub's own host alone. A server that does not heed the range is cut off
as soon as what was asked for has arrived, or at once where that is not at the beginning.
"""

import re
import time
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urljoin, urlsplit

import httpx2
from huggingface_hub.errors import HfHubHTTPError, OfflineModeIsEnabled
from huggingface_hub.utils import build_hf_headers, hf_raise_for_status, http_stream_backoff

from extract.hub.refusals import Place, Refused, refusal

PART_SECONDS: Final = 60.0
"""How long the server may be silent."""

RETRIES: Final = 5
MAX_WAIT_SECONDS: Final = 8
MAX_REDIRECTS: Final = 5
_CHUNK_BYTES: Final = 65_536
_OK: Final = 200
_PARTIAL: Final = 206
_NOT_SATISFIABLE: Final = 416
_EXPIRED: Final = frozenset({400, 401, 403, 404, 410})
"""How a storage answers for a signed address whose time is over."""
_RANGE: Final = re.compile(r"bytes (\d{1,19})-(\d{1,19})/(\d{1,19})", re.ASCII)
_PORTS: Final = {"http": 80, "https": 443}


@dataclass
class Parts:
    """Fetches parts of the files of one Hub."""

    endpoint: str
    place: Place
    _addresses: dict[str, str] = field(default_factory=dict)
    """Where the content of a file lies, by its path on the Hub, as far as the Hub has said."""

    def fetch(self, path: str, what: str, start: int, stop: int, size: int) -> bytes:
        """Return the bytes from ``start`` to before ``stop`` of the file at ``path``, which has ``size`` bytes.

        Raises Refused.
        """
        n_failed = n_redirects = 0
        while True:
            known = self._addresses.get(path)
            try:
                answer = self._ask(known or f"{self.endpoint}/{path}", what, start, stop, size)
            except (httpx2.TransportError, RuntimeError) as error:
                # A RuntimeError: another thread closed the shared client after a failed connection.
                if n_failed == RETRIES:
                    failure = error if isinstance(error, httpx2.TransportError) else httpx2.NetworkError(str(error))
                    raise refusal(failure, self.place, what) from error
                time.sleep(min(2**n_failed, MAX_WAIT_SECONDS))
                n_failed += 1
            except (HfHubHTTPError, httpx2.InvalidURL, httpx2.UnsupportedProtocol, OfflineModeIsEnabled) as error:
                if known is None or not _has_expired(error) or n_failed == RETRIES:
                    raise self._refused(error, what) from error
                n_failed += 1
                self._addresses.pop(path, None)
            else:
                if isinstance(answer, bytes):
                    return answer
                n_redirects += 1
                if n_redirects > MAX_REDIRECTS:
                    raise Refused("range", self.place, what, cause="it is redirected again and again")
                self._addresses[path] = answer.address

    def release(self, start_of_path: str) -> None:
        """Forget the addresses of the files whose paths begin so."""
        for path in [path for path in list(self._addresses) if path.startswith(start_of_path)]:
            self._addresses.pop(path, None)

    def _ask(self, url: str, what: str, start: int, stop: int, size: int) -> "bytes | _Redirect":
        token = None if _origin(url) == _origin(self.endpoint) else False
        wanted = {"Range": f"bytes={start}-{stop - 1}", "Accept-Encoding": "identity"}
        with http_stream_backoff(
            "GET",
            url,
            headers={**build_hf_headers(token=token), **wanted},
            timeout=PART_SECONDS,
            max_retries=RETRIES,
            retry_on_exceptions=(),
            follow_redirects=False,
        ) as response:
            if response.has_redirect_location:
                return _Redirect(self._checked(urljoin(url, response.headers["Location"]), what))
            if response.status_code == _NOT_SATISFIABLE:
                raise Refused("range", self.place, what, cause=f"there are no bytes {start:,} to {stop:,}")
            hf_raise_for_status(response)
            if (problem := _problem(response, start, stop, size)) is not None:
                raise Refused("range", self.place, what, cause=problem)
            content = _read(response, stop - start)
        if len(content) > stop - start and response.status_code == _PARTIAL:
            raise Refused("range", self.place, what, cause="it is longer than it is said to be")
        if len(content) < stop - start:
            raise httpx2.ReadError("the answer broke off")
        return content[: stop - start]

    def _checked(self, address: str, what: str) -> str:
        """Return where a redirect leads; raise Refused where nobody should follow it."""
        scheme = urlsplit(address).scheme
        if scheme not in _PORTS or (scheme == "http" and self.endpoint.startswith("https:")):
            raise Refused("range", self.place, what, cause=f"it is redirected to the kind {scheme[:20]!r}")
        return address

    def _refused(self, error: Exception, what: str) -> Refused:
        if isinstance(error, httpx2.InvalidURL | httpx2.UnsupportedProtocol):
            return Refused("range", self.place, what, cause="it is redirected to no address")
        return refusal(error, self.place, what)


@dataclass(frozen=True)
class _Redirect:
    address: str


def _has_expired(error: Exception) -> bool:
    return isinstance(error, HfHubHTTPError) and error.response.status_code in _EXPIRED


def _problem(response: httpx2.Response, start: int, stop: int, size: int) -> str | None:
    """Return what is wrong with an answer before its content is read, or None."""
    if response.headers.get("Content-Encoding", "identity").lower() != "identity":
        return "it is compressed"
    if response.status_code != _PARTIAL:
        return None if response.status_code == _OK and start == 0 else "the server answers with the whole file"
    match = _RANGE.fullmatch(response.headers.get("Content-Range", ""))
    if match is None:
        return "the answer does not say which part it is"
    first, last, total = map(int, match.groups())
    if total != size:
        return f"the file has {total:,} bytes there, {size:,} in the list of files"
    return None if (first, last) == (start, stop - 1) else "the answer is another part"


def _read(response: httpx2.Response, n_bytes: int) -> bytes:
    """Return the content, cut off soon after ``n_bytes``."""
    content = bytearray()
    for chunk in response.iter_raw(_CHUNK_BYTES):
        content += chunk
        if len(content) > n_bytes:
            break
    return bytes(content)


def _origin(url: str) -> tuple[str, str, int | None]:
    parts = urlsplit(url)
    return parts.scheme, (parts.hostname or "").lower(), parts.port or _PORTS.get(parts.scheme)
