"""Dumps that are fetched: resumed where the transfer broke, forgotten afterwards, and quiet about signed addresses."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from extract.hub.download import download, resolve
from modelkin.errors import HubError, UsageError
from modelkin.folders import cache_root
from tests.python.extract.command import Command, query
from tests.python.extract.hub.test_dump import EXPECTED, only_row, write


class _FileHandler(BaseHTTPRequestHandler):
    """Serve one file with ranges; the first answers break off after ``break_after`` bytes."""

    failures = 0

    def __init__(self, content: bytes, breaks: list[int], *args: Any) -> None:
        self.content, self.breaks = content, breaks
        self.tag = f'"{hashlib.sha256(content).hexdigest()}"'
        super().__init__(*args)

    def do_GET(self) -> None:
        if type(self).failures:
            type(self).failures -= 1
            self.send_error(503)
            return
        start = int(self.headers.get("Range", "bytes=0-")[6:].rstrip("-"))
        if self.path == "/absent":
            self.send_error(404)
            return
        if start >= len(self.content):
            self.send_response(416)
            self.send_header("Content-Range", f"bytes */{len(self.content)}")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        if self.headers.get("If-Range", self.tag) != self.tag:
            del self.headers["Range"]
            start = 0
        self.send_response(206 if "Range" in self.headers else 200)
        self.send_header("Content-Length", str(len(self.content) - start))
        self.send_header("ETag", self.tag)
        if "Range" in self.headers:
            self.send_header("Content-Range", f"bytes {start}-{len(self.content) - 1}/{len(self.content)}")
        self.end_headers()
        stop = self.breaks.pop(0) if self.breaks else len(self.content)
        self.wfile.write(self.content[start:stop])

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def serving(content: bytes, *breaks: int, port: int = 0) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", port), partial(_FileHandler, content, list(breaks)))
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_a_dump_is_fetched_and_forgotten(tmp_path: Path, warehouse_file: Path, extract: Command) -> None:
    content = write(tmp_path).read_bytes()
    with serving(content, 200, 500) as endpoint:
        outcome = extract("dump", f"{endpoint}/models.parquet?signature=secret")
    assert outcome.exit_code == 0, outcome.stderr
    assert only_row(warehouse_file) == EXPECTED
    assert [path for path in cache_root().rglob("*") if path.is_file()] == []
    [(params,)] = query(warehouse_file, "select params from raw.extract_runs")
    assert "/models.parquet" in params and "secret" not in params


def test_a_broken_download_goes_on_where_it_was(
    tmp_path: Path, warehouse_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = write(tmp_path).read_bytes()
    monkeypatch.setattr("extract.hub.bounds.RETRIES", 0)
    with serving(content, 300, 300) as endpoint:
        with pytest.raises(HubError, match=r"cannot be fetched \(RemoteProtocolError\); run this again"):
            download(f"{endpoint}/models.parquet")
        [part] = cache_root().rglob("*.part")
        assert part.stat().st_size == 300
        path = download(f"{endpoint}/models.parquet")
        assert path.read_bytes() == content
        assert download(f"{endpoint}/models.parquet") == path
        path.rename(part)
        assert download(f"{endpoint}/models.parquet").read_bytes() == content
        with pytest.raises(HubError, match="HTTP 404"):
            download(f"{endpoint}/absent")


def test_a_download_whose_file_has_changed_is_started_anew(
    tmp_path: Path, warehouse_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both versions have one size: only the ETag tells them apart."""
    monkeypatch.setattr("extract.hub.bounds.RETRIES", 0)
    one, other = b"a" * 1000, b"b" * 1000
    address = ""
    with serving(one, 300, 300) as endpoint, pytest.raises(HubError):
        address = f"{endpoint}/models.parquet"
        download(address)
    [part] = cache_root().rglob("*.part")
    assert part.read_bytes() == one[:300]
    with serving(other, port=int(address.split(":")[2].split("/")[0])) as endpoint:
        assert download(f"{endpoint}/models.parquet").read_bytes() == other


def test_a_signed_address_stays_out_of_the_log(
    tmp_path: Path, warehouse_file: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with serving(write(tmp_path).read_bytes()) as endpoint:
        monkeypatch.setattr(_FileHandler, "failures", 1)
        download(f"{endpoint}/models.parquet?signature=secret")
    assert "The Hub did not answer; asking again in 1 s (1 of 5)." in caplog.text
    assert "secret" not in caplog.text


def test_hub_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "https://hub.example/")
    assert resolve("hf://datasets/o/n/a/b.parquet") == "https://hub.example/datasets/o/n/resolve/main/a/b.parquet"
    assert resolve("hf://datasets/o/n@refs/x.parquet") == "https://hub.example/datasets/o/n/resolve/refs/x.parquet"
    assert resolve("https://x.example/y") == "https://x.example/y"
    with pytest.raises(UsageError, match="not understood"):
        resolve("hf://models/o/n")
