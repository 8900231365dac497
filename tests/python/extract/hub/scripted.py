"""A server that answers as a test says, and remembers what it was asked."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Answer = tuple[int, dict[str, str], bytes]


@dataclass
class Server:
    """What answers, what was asked, and where it listens."""

    answer: Callable[[str, Message], Answer]
    requests: list[tuple[str, Message]] = field(default_factory=list)
    port: int = 0

    @property
    def endpoint(self) -> str:
        """The address of its root."""
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def served(answer: Callable[[str, Message], Answer]) -> Iterator[Server]:
    """Serve on loopback; a body that is not as long as its Content-Length ends the connection."""
    server = Server(answer)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            server.requests.append((self.path, self.headers))
            status, headers, body = server.answer(self.path, self.headers)
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            try:
                self.wfile.write(body)
            except ConnectionError:
                return
            self.close_connection = int(headers.get("Content-Length", len(body))) != len(body)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    http.daemon_threads = True
    http.handle_error = lambda *_: None  # type: ignore[method-assign]
    server.port = http.server_address[1]
    thread = threading.Thread(target=http.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        http.shutdown()
        http.server_close()
        thread.join()
