"""Questions to a server that may be hostile: whom the token goes to, and what an answer may cost."""

import gzip
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from extract.hub import bounds
from extract.hub.client import HubClient
from extract.hub.refusals import Refused
from tests.python.extract.hub.scripted import Answer, served

QUERY = "limit=1"
JSON = {"Content-Type": "application/json"}
MODEL = b'[{"id": "a/b"}]'


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("extract.hub.asking.sleep", lambda _: None)


def refused(answer: Answer) -> Refused:
    """Return how a page is refused that is answered so."""
    with served(lambda path, headers: answer) as server, pytest.raises(Refused) as caught:
        HubClient(server.endpoint).page(QUERY)
    return caught.value


def following(address: str) -> dict[str, str]:
    """Return the header that names the next page."""
    return {"Link": f'<{address}>; rel="next"'}


ODD = {
    "no JSON": ((200, JSON, b"<html>"), "no JSON"),
    "JSON 100,000 deep": ((200, JSON, b"[" * 100_000 + b"]" * 100_000), "no JSON"),
    "a number of 5,000 digits": ((200, JSON, b"[" + b"9" * 5000 + b"]"), "no JSON"),
    "no text": ((200, JSON, b"\xff\xfe\x00"), "no JSON"),
    "no list": ((200, JSON, b"{}"), "no list of models"),
    "a list of something else": ((200, JSON, b"[[]]"), "no list of models"),
    "compressed twice": ((200, JSON | {"Content-Encoding": "gzip, gzip"}, b""), "compressed"),
    "compressed falsely": ((200, JSON | {"Content-Encoding": "gzip"}, b"none"), "compressed"),
    "compressed otherwise": ((200, JSON | {"Content-Encoding": "br"}, b"none"), "compressed"),
    "a bomb": ((200, JSON | {"Content-Encoding": "gzip"}, gzip.compress(b" " * (64 << 20))), "more than 33,554,432"),
    "many values": ((200, JSON, b"[" + b"[]," * 1_500_001 + b"[]]"), "more than 3,000,000 values"),
    "a redirect home, for ever": ((302, {"Location": "/api/models?limit=1"}, b""), "again and again"),
    "a redirect elsewhere": ((302, {"Location": "http://127.0.0.1:1/"}, b""), "to another host"),
    "a redirect to a file": ((302, {"Location": "file:///etc/passwd"}, b""), "to the kind 'file'"),
    "a redirect to no port": ((302, {"Location": "http://a:b/"}, b""), "to no address"),
    "a next page elsewhere": (
        (200, {"Link": '<http://evil.example/api/models?cursor=1>; rel="next"'}, MODEL),
        "elsewhere",
    ),
    "a next page of another port": (
        (200, {"Link": '<http://127.0.0.1:1/api/models?a=1>; rel="next"'}, MODEL),
        "elsewhere",
    ),
    "a next page of another kind": ((200, {"Link": '</api/datasets?a=1>; rel="next"'}, MODEL), "elsewhere"),
    "a next page nowhere": ((200, {"Link": '<http://[::/api/models?a=1>; rel="next"'}, MODEL), "no address"),
}


@pytest.mark.parametrize("case", ODD)
def test_an_odd_answer_is_one_sentence(case: str) -> None:
    answer, words = ODD[case]
    found = refused(answer)
    assert found.kind == "odd"
    assert words in str(found)
    assert "\n" not in str(found)


def test_a_next_page_on_the_same_hub_is_followed() -> None:
    with served(lambda path, headers: (200, following("/api/models?cursor=x%3D"), MODEL)) as server:
        page = HubClient(server.endpoint).page(QUERY)
    assert (page.items, page.next_query) == ([{"id": "a/b"}], "cursor=x%3D")


STATUSES = [
    (401, "token"),
    (403, "token"),
    (404, "missing"),
    (408, "failing"),
    (410, "odd"),
    (418, "odd"),
    (451, "odd"),
]


@pytest.mark.parametrize(("status", "kind"), STATUSES)
def test_a_status_has_its_kind(status: int, kind: str) -> None:
    assert refused((status, {"X-Error-Message": "\x1b[2J" + "x" * 10_000}, b"x" * 100)).kind == kind


def test_the_token_stays_at_its_port(monkeypatch: pytest.MonkeyPatch) -> None:
    """A text file may lie anywhere; whoever is asked beside the Hub gets no token and no word of this machine."""
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    with served(lambda path, headers: (200, {}, b"# Card")) as elsewhere:
        location = {"Location": f"{elsewhere.endpoint}/card"}
        with served(lambda path, headers: (302, location, b"")) as hub:
            found = HubClient(hub.endpoint).text_file("a/b", "README.md", 100)
    assert found is not None
    assert found.text == "# Card"
    [(_, asked)], [(_, redirected)] = hub.requests, elsewhere.requests
    assert asked["Authorization"] == "Bearer hf_secret"
    assert redirected["Authorization"] is None
    assert set(redirected.keys()) <= {"Host", "Accept", "Accept-Encoding", "Connection", "User-Agent"}
    assert redirected["User-Agent"].startswith("modelkin/")
    assert " " not in redirected["User-Agent"]


def test_nobody_is_asked_what_was_not_asked_for() -> None:
    """No telemetry, no look at the version, no second address: one question is one request."""
    with served(lambda path, headers: (200, {}, json.dumps({"id": "a/b"}).encode())) as hub:
        HubClient(hub.endpoint).model("a/b", ["sha"])
    assert [path for path, _ in hub.requests] == ["/api/models/a/b?expand=sha"]


@contextmanager
def dripping(start: bytes, drop: bytes) -> Iterator[str]:
    """Serve ``start`` and then ``drop`` ten times a second, without end."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.1)
        is_over = threading.Event()

        def drip() -> None:
            while not is_over.is_set():
                try:
                    connection, _ = listener.accept()
                except TimeoutError:
                    continue
                with connection:
                    try:
                        connection.sendall(start)
                        while not is_over.wait(0.05):
                            connection.sendall(drop)
                    except OSError:
                        continue

        thread = threading.Thread(target=drip, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            is_over.set()
            thread.join()


@pytest.mark.parametrize(
    ("start", "drop"),
    [
        (b"", b"H"),
        (b"HTTP/1.1 200 OK\r\n", b"X: y\r\n"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n[", b" "),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\n[\r\n"),
    ],
)
def test_an_answer_that_drips_ends_in_time(start: bytes, drop: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "ANSWER_SECONDS", 0.4)
    started = time.monotonic()
    with dripping(start, drop) as endpoint, pytest.raises(Refused) as caught:
        HubClient(endpoint).page(QUERY)
    assert caught.value.kind in {"unreachable", "odd"}
    assert time.monotonic() - started < 10
