"""A loopback HTTP server that answers as the Hub's API does, from the catalogue of a build.

What it answers follows what unmodified ``huggingface_hub`` and ``transformers`` ask for and how
they read the answers; `minihub.api` makes the answers, this module receives and sends. Every path
is looked up in the catalogue; none is ever joined to a folder from a URL.
"""

import re
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final

from minihub.api.exchange import NOTICE, Answer, Part, Request
from minihub.api.faults import Faults
from minihub.api.routes import answer
from minihub.repositories import Build
from minihub.store import build
from modelkin.errors import HubError
from modelkin.folders import held

HOST: Final = "127.0.0.1"
LABEL: Final = "minihub"
"""The stable name under which an endpoint of the miniature Hub is recorded; its port changes."""

_CHUNK_BYTES: Final = 1 << 18
_MAX_BODY_BYTES: Final = 1 << 20


@dataclass
class MiniHub:
    """A running server: where it is, and what it has been asked."""

    endpoint: str
    build: Build
    faults: Faults
    requests: list[str] = field(default_factory=list)
    """Every request answered, as ``METHOD target``, in the order of arrival."""
    _api_requests: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, request: Request) -> Answer:
        """Record a request and return its answer."""
        number = self.count(request)
        if self.faults.latency_seconds:
            time.sleep(self.faults.latency_seconds)
        return answer(self.build, request, self.endpoint, self.faults, number)

    def count(self, request: Request) -> int:
        """Record a request; return the number of API requests so far."""
        with self._lock:
            self.requests.append(f"{request.method} {request.target}")
            self._api_requests += request.is_api
            return self._api_requests


class _Handler(BaseHTTPRequestHandler):
    """Receive the requests of one connection and send the answers."""

    protocol_version = "HTTP/1.1"
    server_version = "modelkin-minihub/1"
    sys_version = ""
    disable_nagle_algorithm = True
    timeout = 60
    hub: MiniHub

    def do_GET(self) -> None:
        self._answer()

    def do_HEAD(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the requests are recorded in ``MiniHub.requests``."""

    def _answer(self) -> None:
        reply = self.hub.answer(Request(self.command, self.path, self.headers, self._read_body()))
        self.send_response(reply.status)
        self.send_header("Content-Length", str(reply.length))
        self.send_header("X-Modelkin-Notice", NOTICE)
        for name, value in reply.headers.items():
            self.send_header(name, _header_value(value))
        self.end_headers()
        if self.command == "HEAD":
            return
        if isinstance(reply.content, Part):
            self._send_part(reply.content)
        else:
            self.wfile.write(reply.content)

    def _read_body(self) -> bytes:
        length = self.headers.get("Content-Length", "0")
        if not length.isdigit() or int(length) > _MAX_BODY_BYTES:
            self.close_connection = True
            return b""
        return self.rfile.read(int(length))

    def _send_part(self, part: Part) -> None:
        with part.path.open("rb") as content:
            content.seek(part.start)
            left = part.stop - part.start
            while left:
                chunk = content.read(min(_CHUNK_BYTES, left))
                if not chunk:
                    self.close_connection = True
                    return
                self.wfile.write(chunk)
                left -= len(chunk)


class _Server(ThreadingHTTPServer):
    """Serve each connection in a thread of its own, and take a client that hangs up as no error."""

    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request: object, client_address: object) -> None:
        """Report an error in a handler, unless the client merely went away."""
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


def _header_value(value: str) -> str:
    return re.sub(r"[^\x20-\x7e]", "?", value)


@contextmanager
def serving(hub_build: Build, *, port: int = 0, faults: Faults | None = None) -> Iterator[MiniHub]:
    """Serve ``hub_build`` on the loopback interface for the body of the ``with``.

    ``port`` 0 takes any free one. Raises HubError when the port is taken.
    """
    handler: type[_Handler] = type("Handler", (_Handler,), {})
    try:
        server = _Server((HOST, port), handler)
    except OSError as error:
        raise HubError(
            f"The miniature Hub cannot listen on {HOST}:{port} ({error.strerror}); choose another --port, or 0 for any."
        ) from error
    hub = MiniHub(f"http://{HOST}:{server.server_address[1]}", hub_build, faults or Faults())
    handler.hub = hub
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), name=LABEL, daemon=True)
    thread.start()
    try:
        with held(hub_build.folder):
            yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def running(*, port: int = 0, faults: Faults | None = None) -> Iterator[str]:
    """Make the miniature Hub if it is not there yet, serve it, and yield its endpoint URL."""
    with serving(build(), port=port, faults=faults) as hub:
        yield hub.endpoint
