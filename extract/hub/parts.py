"""Parts of files by HTTP Range, in many threads at once.

The Hub answers a request for a large file with a redirect to a signed address of its storage, on another
host. That address is kept for the file's other parts, so that the Hub is asked once per file and not once
per part. The access token goes to the Hub's own host alone. A server that does not heed the range is cut off
as soon as what was asked for has arrived, or at once where that is not at the beginning.
"""

import re
from dataclasses import dataclass, field
from typing import Final

import httpx2

from extract.hub import bounds
from extract.hub.asking import Asker, sleep
from extract.hub.refusals import Place, Refused, refusal

_CHUNK_BYTES: Final = 65_536
_OK: Final = 200
_PARTIAL: Final = 206
_NOT_SATISFIABLE: Final = 416
_EXPIRED: Final = frozenset({400, 401, 403, 404, 410})
"""How a storage answers for a signed address whose time is over."""
_RANGE: Final = re.compile(r"bytes (\d{1,19})-(\d{1,19})/(\d{1,19})", re.ASCII)


@dataclass
class Parts:
    """Fetches parts of the files of one Hub."""

    asker: Asker
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
                answer = self._ask(known or f"{self.asker.home}/{path}", what, start, stop, size)
            except httpx2.TransportError as error:
                if n_failed == bounds.RETRIES or isinstance(error, httpx2.TimeoutException):
                    raise refusal(error, self.place, what) from error
                sleep(min(2**n_failed, bounds.MAX_PAUSE_SECONDS))
                n_failed += 1
            except Refused as refused:
                if refused.kind == "odd" and refused.status is None:
                    raise Refused("range", self.place, what, cause=refused.cause) from refused
                if known is None or refused.status not in _EXPIRED or n_failed == bounds.RETRIES:
                    raise
                n_failed += 1
                self._addresses.pop(path, None)
            else:
                if isinstance(answer, bytes):
                    return answer
                n_redirects += 1
                if n_redirects > bounds.MAX_REDIRECTS:
                    raise Refused("range", self.place, what, cause="it is redirected again and again")
                self._addresses[path] = answer.address

    @property
    def place(self) -> Place:
        """The Hub, as sentences name it."""
        return self.asker.place

    def release(self, start_of_path: str) -> None:
        """Forget the addresses of the files whose paths begin so."""
        for path in [path for path in list(self._addresses) if path.startswith(start_of_path)]:
            self._addresses.pop(path, None)

    def _ask(self, url: str, what: str, start: int, stop: int, size: int) -> "bytes | _Redirect":
        wanted = {"Range": f"bytes={start}-{stop - 1}", "Accept-Encoding": "identity"}
        with self.asker.answer(url, what, headers=wanted, redirects="told") as response:
            if response.has_redirect_location:
                return _Redirect(self.asker.target(url, response.headers["Location"], what, leaves_home=True))
            if response.status_code == _NOT_SATISFIABLE:
                raise Refused("range", self.place, what, cause=f"there are no bytes {start:,} to {stop:,}")
            if (problem := _problem(response, start, stop, size)) is not None:
                raise Refused("range", self.place, what, cause=problem)
            content = _read(response, stop - start)
        if len(content) > stop - start and response.status_code == _PARTIAL:
            raise Refused("range", self.place, what, cause="it is longer than it is said to be")
        if len(content) < stop - start:
            raise httpx2.ReadError("the answer broke off")
        return content[: stop - start]


@dataclass(frozen=True)
class _Redirect:
    address: str


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
