"""The recorded answers of the real Hub, served as they are: one listing of every record, and each model by its id."""

import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from tests.python.conftest import ROOT

GATED_REVISION = "/api/models/meta-llama/Llama-3.1-8B/revision/main"
"""Where the recorded refusal of a gated model is given; it was recorded of its list of commits."""


def recordings() -> Path | None:
    """Return the folder of the recordings, or None where it is absent."""
    folder = Path(os.environ.get("MODELKIN_PUBLISHED_DATA") or ROOT.parent / "shared" / "data") / "hub_api"
    return folder if folder.is_dir() else None


def recorded_models(folder: Path) -> list[dict[str, Any]]:
    """Return every record of a model, each id once: of several records the fullest."""
    found: dict[str, dict[str, Any]] = {}
    for path in sorted(folder.glob("*/*.json")):
        content = json.loads(path.read_text(encoding="utf-8"))
        if path.parent.name == "infos":
            records = [content]
        elif path.parent.name == "listings":
            records = content if isinstance(content, list) else list(content.values())
        else:
            records = []
        for record in records:
            key = str(record.get("id") or record["modelId"]).lower()
            found[key] = max(found.get(key, record), record, key=len)
    return list(found.values())


def recorded_refusals(folder: Path) -> dict[str, dict[str, Any]]:
    """Return the recorded redirects and refusals, by the path that was asked for."""
    found = {}
    for path in sorted((folder / "errors").glob("[34]*.json")):
        record = json.loads(path.read_text(encoding="utf-8"))
        asked = urlsplit(record["request"].removeprefix("GET ")).path
        found[GATED_REVISION if asked.endswith("/commits/main") else asked] = record
    return found


@contextmanager
def serving_recordings(folder: Path) -> Iterator[str]:
    """Serve the recordings on loopback; yield the endpoint."""
    models = recorded_models(folder)
    by_path = {f"/api/models/{model.get('id') or model['modelId']}": model for model in models}
    # Records of 2022 lack the id, which the Hub gives today.
    listed = [{"id": model.get("modelId"), **model} for model in models]
    refusals = recorded_refusals(folder)

    class Answering(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            path = unquote(urlsplit(self.path).path)
            if path in refusals:
                record = refusals[path]
                content = record["body"] or ""
                headers = {name: value for name, value in record["headers"].items() if name.lower() in KEPT_HEADERS}
                body = content if isinstance(content, str) else json.dumps(content)
                self.answer(record["status"], body, headers)
            elif path == "/api/models":
                self.answer(200, json.dumps(listed), {})
            else:
                self.answer(200, json.dumps({"id": path.removeprefix("/api/models/"), **by_path[path]}), {})

        def answer(self, status: int, body: str, headers: dict[str, str]) -> None:
            content = body.encode()
            self.send_response(status)
            for name, value in ({"content-type": "application/json"} | headers).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *arguments: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


KEPT_HEADERS = frozenset({"content-type", "location", "x-error-code", "x-error-message", "ratelimit"})
"""What a client reads of a recorded answer."""
