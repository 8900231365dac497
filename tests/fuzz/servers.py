"""A server on loopback that answers at random, and everything that asks it."""

import gzip
import hashlib
import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from extract.hub import asking, bounds, files, parts
from extract.hub.client import HubClient
from extract.hub.files import Wanted
from tests.fuzz.subjects import TEXTS, VALUES
from tests.fuzz.tally import Found, Subject
from tests.python.extract.hub.scripted import Answer, served

CONTENT = b"what the Hub lists" * 10
WANTED = Wanted("config.json", len(CONTENT), hashlib.sha256(CONTENT).hexdigest())
SHA = "c" * 40

HEADERS = {
    "Content-Type": ["application/json", "text/html"],
    "Content-Encoding": ["gzip", "br", "gzip, gzip", "identity"],
    "Content-Length": ["0", "7", "100000"],
    "Content-Range": ["bytes 0-9/10", f"bytes 0-{len(CONTENT) - 1}/{len(CONTENT)}", "bytes */5", "x" * 2000],
    "Location": ["/", "/api/models", "http://127.0.0.1:1/", "file:///etc/passwd", "http://[::", "//a\\b", "ftp://x/y"],
    "Link": ['</api/models?a=1>; rel="next"', '<http://x.example/api/models?a>; rel="next"', "<" * 3000],
    "ETag": ['"../../x"', "W/x", '"' + "a" * 64 + '"'],
    "X-Repo-Commit": ["../../../x", SHA],
    "X-Error-Code": ["GatedRepo", "RepoNotFound", "EntryNotFound", "RevisionNotFound", "Nonsense"],
    "X-Error-Message": ["\x1b[2J", "x" * 3000],
    "Retry-After": ["0", "999999999", "-1", "soon"],
    "RateLimit": ['"api";r=0;t=999999999', "nonsense"],
}
SOME_HEADERS = st.lists(
    st.sampled_from([(name, value) for name, values in HEADERS.items() for value in values]), max_size=4
)
BODIES = (
    st.binary(max_size=200)
    | VALUES.map(lambda value: json.dumps(value).encode())
    | st.sampled_from(
        [
            CONTENT,
            CONTENT + b"!",
            CONTENT[:-1] + b"?",
            b"[" * 100_000,
            gzip.compress(CONTENT),
            b"[{}]",
            b'[{"id": "a/b"}]',
            b'{"id": "a/b", "sha": "x"}',
            b'{"id": "a/b", "id": 1}',
            b"1e999",
            b"\xff\xfe",
        ]
    )
)
STATUSES = st.sampled_from([200, 200, 200, 200, 206, 204, 301, 302, 307, 401, 403, 404, 416, 429, 500, 503])
ANSWERS = st.tuples(STATUSES, SOME_HEADERS, BODIES)
QUESTIONS = ("page", "model", "repository", "text", "file", "part")


@contextmanager
def hostile_server() -> Iterator[Subject]:
    """Yield the subject that asks a server which answers at random."""
    answers: list[Answer] = [(200, {}, b"")]
    with served(lambda path, headers: answers[0]) as server, tempfile.TemporaryDirectory() as parent, _quick():

        def trial(value: tuple[str, tuple[int, list[tuple[str, str]], bytes], str]) -> Found:
            question, (status, headers, body), _ = value
            answers[0] = (status, dict(headers), body)
            client = HubClient(server.endpoint)
            client._is_known = True
            home = Path(parent) / "home"
            try:
                is_right = _ask(client, question, home)
            finally:
                outside = [path.name for path in Path(parent).iterdir() if path != home]
                assert not outside, f"written outside the cache: {outside}"
            return 0, 0, is_right

        yield Subject("answers of a server", st.tuples(st.sampled_from(QUESTIONS), ANSWERS, TEXTS), trial, 0.08)


def _ask(client: HubClient, question: str, home: Path) -> bool:
    """Ask one question; return whether the answer is what it must be."""
    if question == "page":
        found: Any = client.page("limit=1")
        return isinstance(found.items, list)
    if question == "model":
        return isinstance(client.model("a/b", ["sha"])["id"], str)
    if question == "repository":
        return isinstance(client.repository("a/b", SHA)["id"], str)
    if question == "text":
        text = client.text_file("a/b", "README.md", 100)
        return text is None or (len(text.text) <= 100 and text.sha in {None, SHA})
    if question == "file":
        return client.download("a/b", SHA, WANTED, home, 5).read_bytes() == CONTENT
    return len(client.part("a/b", "x.bin", SHA, start=0, stop=10, size=10)) == 10


@contextmanager
def _quick() -> Iterator[None]:
    """Repeat no question and wait for nothing."""
    modules: tuple[Any, ...] = (asking, files, parts)
    kept, retries = [module.sleep for module in modules], bounds.RETRIES
    for module in modules:
        module.sleep = lambda seconds: None
    bounds.RETRIES = 0  # type: ignore[misc]
    try:
        yield
    finally:
        for module, sleep in zip(modules, kept, strict=True):
            module.sleep = sleep
        bounds.RETRIES = retries  # type: ignore[misc]
