"""Parts of files, from servers that behave and from servers that do not."""

from email.message import Message

import pytest

from extract.hub.client import HubClient
from extract.hub.refusals import Refused
from tests.python.extract.hub.scripted import Answer, served

CONTENT = bytes(range(256)) * 400
START, STOP = 1000, 1500
PART = CONTENT[START:STOP]
RIGHT = {"Content-Range": f"bytes {START}-{STOP - 1}/{len(CONTENT)}"}


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("extract.hub.parts.sleep", lambda _: None)


def part(port: int, start: int = START, stop: int = STOP) -> bytes:
    client = HubClient(f"http://127.0.0.1:{port}")
    return client.part("a/b", "model.safetensors", "c0ffee", start=start, stop=stop, size=len(CONTENT))


def test_a_part_is_what_was_asked_for() -> None:
    with served(lambda path, headers: (206, RIGHT, PART)) as server:
        assert part(server.port) == PART
        [(path, headers)] = server.requests
        assert path == "/a/b/resolve/c0ffee/model.safetensors"
        assert headers["Range"] == f"bytes={START}-{STOP - 1}"
        assert headers["Accept-Encoding"] == "identity"


LIES = {
    "the whole file": (200, {}, CONTENT, "the whole file"),
    "another part": (206, {"Content-Range": f"bytes 0-499/{len(CONTENT)}"}, PART, "another part"),
    "a shorter part": (206, {"Content-Range": f"bytes {START}-{STOP - 2}/{len(CONTENT)}"}, PART[:-1], "another part"),
    "another size": (206, {"Content-Range": f"bytes {START}-{STOP - 1}/7"}, PART, "the file has 7 bytes there"),
    "no place": (206, {}, PART, "does not say which part"),
    "a place in words": (206, {"Content-Range": "bytes some-more/all"}, PART, "does not say which part"),
    "a place of many digits": (206, {"Content-Range": f"bytes {'9' * 5000}-1/1"}, PART, "does not say which part"),
    "more than it says": (206, RIGHT, PART + PART, "longer than it is said to be"),
    "no such range": (416, {}, b"", "there are no bytes"),
    "compressed": (206, {**RIGHT, "Content-Encoding": "gzip"}, PART, "compressed"),
    "nothing new": (304, {}, b"", "the whole file"),
    "round in circles": (302, {"Location": "/a/b/resolve/c0ffee/model.safetensors"}, b"", "again and again"),
    "to a file": (302, {"Location": "file:///etc/passwd"}, b"", "the kind 'file'"),
    "to no port": (302, {"Location": "http://a:99999999/"}, b"", "no address"),
    "to no address": (302, {"Location": "http://[::"}, b"", "no address"),
}


@pytest.mark.parametrize(("status", "headers", "body", "part_of_detail"), LIES.values(), ids=LIES)
def test_a_server_that_lies_is_refused(status: int, headers: dict[str, str], body: bytes, part_of_detail: str) -> None:
    with (
        served(lambda path, _: (status, headers, body)) as server,
        pytest.raises(Refused, match=part_of_detail) as caught,
    ):
        part(server.port)
    assert caught.value.kind == "range"


def test_of_a_server_that_knows_no_ranges_the_beginning_is_taken_and_no_more() -> None:
    """Its answer is endless: reading to the end would never end."""
    with served(lambda path, _: (200, {"Content-Length": str(1 << 40)}, CONTENT)) as server:
        assert part(server.port, 0, 500) == CONTENT[:500]


def test_an_answer_that_breaks_off_is_asked_for_again() -> None:
    answers = [(206, {**RIGHT, "Content-Length": str(len(PART))}, PART[:100]), (206, RIGHT, PART)]
    with served(lambda path, _: answers.pop(0)) as server:
        assert part(server.port) == PART


def test_an_answer_that_always_breaks_off_is_a_failure_of_the_network() -> None:
    with served(lambda path, _: (206, {**RIGHT, "Content-Length": "500"}, PART[:9])) as server:
        with pytest.raises(Refused) as caught:
            part(server.port)
        assert caught.value.kind == "unreachable"
        assert len(server.requests) == 6


def test_the_token_stays_with_the_hub_and_the_storage_is_asked_directly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its signed address is used for all parts of the file; when it has expired, the Hub is asked for another."""
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    valid = "1"

    def storage(path: str, headers: Message) -> Answer:
        return (206, RIGHT, PART) if path.endswith(f"signature={valid}") else (403, {}, b"expired")

    with served(storage) as elsewhere:

        def hub(path: str, headers: Message) -> Answer:
            return 302, {"Location": f"http://127.0.0.1:{elsewhere.port}/blob?signature={valid}"}, b""

        with served(hub) as server:
            client = HubClient(f"http://127.0.0.1:{server.port}")

            def again() -> bytes:
                return client.part("a/b", "x", "c0ffee", start=START, stop=STOP, size=len(CONTENT))

            assert again() == again() == PART
            assert len(server.requests) == 1
            valid = "2"
            assert again() == PART
            assert len(server.requests) == 2
            client.release("a/b")
            assert again() == PART
            assert len(server.requests) == 3
            assert all(headers["Authorization"] == "Bearer hf_secret" for _, headers in server.requests)
            assert all("Authorization" not in headers for _, headers in elsewhere.requests)
            assert all("hf_secret" not in str(headers) for _, headers in elsewhere.requests)


def test_a_rate_limit_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    monkeypatch.setattr("extract.hub.asking.sleep", waited.append)
    limited = {"RateLimit": '"resolvers";r=0;t=7', "RateLimit-Policy": '"fixed window";"resolvers";q=3000;w=300'}
    answers = [(429, limited, b""), (206, RIGHT, PART)]
    with served(lambda path, _: answers.pop(0)) as server:
        assert part(server.port) == PART
    assert waited == [8.0]
