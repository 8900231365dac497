"""Serve the report on this machine alone, and render it again when the warehouse or the pages change."""

import subprocess
import sys
import threading
import time
from collections.abc import Iterable
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final

from modelkin.command_line import report
from modelkin.errors import UsageError

HOST: Final = "127.0.0.1"

PAUSE: Final = 1.0
"""Seconds between two looks at the files."""

SOURCES: Final = Path(__file__).parent
"""What the pages are made of: templates, queries, styles, scripts, texts and the code that puts them together."""

_ENDINGS: Final = frozenset({".css", ".csv", ".html", ".jinja", ".js", ".md", ".po", ".py", ".sql"})

State = dict[Path, tuple[int, int]]
"""Of each file its time of change and its size."""


class Handler(SimpleHTTPRequestHandler):
    """Gives out files; says nothing of it, and has browsers ask again each time."""

    def end_headers(self) -> None:
        """Forbid to keep what is sent, which the next render replaces."""
        self.send_header("Cache-Control", "no-store")
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the terminal is for what the renders say."""


def state_of(paths: Iterable[Path]) -> State:
    """Return the state of files; those that are not there, or go meanwhile, have none."""
    found = {}
    for path in paths:
        try:
            seen = path.stat()
        except OSError:
            continue
        found[path] = (seen.st_mtime_ns, seen.st_size)
    return found


def watched(warehouse: Path) -> State:
    """Return the state of all that the report is made from."""
    return state_of([warehouse, *(path for path in SOURCES.rglob("*") if path.suffix in _ENDINGS)])


def serve(warehouse: Path, folder: Path, locale: str, port: int) -> None:
    """Render into ``folder``, serve it at ``port``, and render again after each change; return at Ctrl-C.

    Each render is a process of its own, so that it runs the code of now. One that fails says why, and the pages of the
    last one stay. Raises UsageError where the port is taken.
    """
    try:
        server = ThreadingHTTPServer((HOST, port), partial(Handler, directory=str(folder)))
    except OSError as error:
        raise UsageError(f"Port {port} is taken or not allowed; name another with --port (PORT= for make).") from error
    threading.Thread(target=server.serve_forever, daemon=True).start()
    render = [sys.executable, "-m", "reports", "render", "--out", str(folder), "--locale", locale]
    rendered: State | None = None
    try:
        while True:
            now = watched(warehouse)
            if now != rendered:
                subprocess.run(render, check=False, start_new_session=True)  # Ctrl-C is answered here alone
                if rendered is None:
                    report(f"Serving http://{HOST}:{server.server_port}/ until Ctrl-C.")
                rendered = now
            time.sleep(PAUSE)
    except KeyboardInterrupt:
        report("Stopped.")
    finally:
        server.shutdown()
        server.server_close()
