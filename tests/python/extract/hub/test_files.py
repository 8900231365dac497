"""Files on this disk: proved when they arrive and when they are used again, and nowhere but below the folder."""

import hashlib
import re
from email.message import Message
from pathlib import Path

import pytest

from extract.hub.client import HubClient
from extract.hub.files import Wanted
from extract.hub.refusals import Refused
from tests.python.extract.hub.scripted import Answer, Server, served

SHA = "c0ffee" * 6 + "c0ff"
CONTENT = bytes(range(256)) * 40
SHA256 = hashlib.sha256(CONTENT).hexdigest()
GIT = hashlib.sha1(b"blob %d\0" % len(CONTENT) + CONTENT, usedforsecurity=False).hexdigest()
LARGE = Wanted("model.safetensors", len(CONTENT), SHA256, "0" * 40)
SMALL = Wanted("config.json", len(CONTENT), None, GIT)
UNTOLD = Wanted("other.json", len(CONTENT))


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("extract.hub.asking.sleep", lambda _: None)
    monkeypatch.setattr("extract.hub.files.sleep", lambda _: None)


def fetch(server: Server, folder: Path, wanted: Wanted, sha: str = SHA, seconds: float = 10) -> Path:
    return HubClient(server.endpoint).download("org/model", sha, wanted, folder, seconds)


def whole(path: str, headers: Message) -> Answer:
    """Answer with the content, or with the part of it that is asked for."""
    match = re.fullmatch(r"bytes=(\d+)-", headers["Range"] or "")
    if match is None:
        return 200, {}, CONTENT
    start = int(match[1])
    return 206, {"Content-Range": f"bytes {start}-{len(CONTENT) - 1}/{len(CONTENT)}"}, CONTENT[start:]


@pytest.mark.parametrize("wanted", [LARGE, SMALL, UNTOLD])
def test_a_file_is_fetched_once_and_again_when_the_disk_has_damaged_it(wanted: Wanted, tmp_path: Path) -> None:
    with served(whole) as server:
        path = fetch(server, tmp_path, wanted)
        assert path.read_bytes() == CONTENT
        assert fetch(server, tmp_path, wanted) == path
        assert len(server.requests) == 1
        damaged = bytearray(CONTENT)
        damaged[77] ^= 1
        path.write_bytes(damaged)
        assert fetch(server, tmp_path, wanted).read_bytes() == CONTENT
        path.write_bytes(b"")
        assert fetch(server, tmp_path, wanted).read_bytes() == CONTENT
        assert len(server.requests) == 3


@pytest.mark.parametrize("wanted", [LARGE, SMALL])
@pytest.mark.parametrize("sent", [CONTENT[:-1] + b"!", CONTENT + b"!"])
def test_what_is_not_what_is_listed_is_never_used(wanted: Wanted, sent: bytes, tmp_path: Path) -> None:
    with served(lambda path, headers: (200, {}, sent)) as server:
        with pytest.raises(Refused) as caught:
            fetch(server, tmp_path, wanted)
        assert caught.value.kind == "damaged"
        assert not list(tmp_path.rglob("snapshots"))
    with served(whole) as server:
        assert fetch(server, tmp_path, wanted).read_bytes() == CONTENT


def test_a_broken_transfer_resumes(tmp_path: Path) -> None:
    breaks = [(200, {"Content-Length": str(len(CONTENT))}, CONTENT[:1000])]
    with served(lambda path, headers: breaks.pop() if breaks else whole(path, headers)) as server:
        assert fetch(server, tmp_path, LARGE).read_bytes() == CONTENT
    assert [headers["Range"] for _, headers in server.requests] == [None, "bytes=1000-"]


@pytest.mark.parametrize("size", [10, len(CONTENT), len(CONTENT) + 5])
def test_a_beginning_of_something_else_is_thrown_away(size: int, tmp_path: Path) -> None:
    part = tmp_path / "models--org--model" / "blobs" / f"{SHA256}.incomplete"
    part.parent.mkdir(parents=True)
    part.write_bytes(b"x" * size)
    with served(whole) as server:
        assert fetch(server, tmp_path, LARGE).read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("status", "headers", "kind"),
    [
        (401, {}, "token"),
        (403, {}, "token"),
        (404, {"X-Error-Code": "EntryNotFound"}, "file"),
        (403, {"X-Error-Code": "GatedRepo"}, "gated"),
        (500, {}, "failing"),
        (408, {}, "failing"),
        (429, {}, "limited"),
        (410, {}, "odd"),
        (451, {}, "odd"),
    ],
)
def test_a_refused_file_has_its_kind(
    status: int, headers: dict[str, str], kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("extract.hub.bounds.RETRIES", 0)
    with served(lambda path, _: (status, headers, b"")) as server, pytest.raises(Refused) as caught:
        fetch(server, tmp_path, SMALL)
    assert caught.value.kind == kind


NAMES = (
    "../evil", "a/../../evil", "/etc/evil", "a//b", "", ".", "a\\b", "a\x00b", "line\nbreak", "half\ud800", "n" * 256,
)  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_no_name_leads_out_of_the_folder(name: str, tmp_path: Path) -> None:
    with served(whole) as server, pytest.raises(Refused):
        fetch(server, tmp_path, Wanted(name, len(CONTENT)))
    assert (server.requests, list(tmp_path.rglob("*"))) == ([], [])


@pytest.mark.parametrize("sha", ["../../x", "main", "", "C0FFEE1", "c0ffee1\n"])
def test_no_commit_leads_out_of_the_folder(sha: str, tmp_path: Path) -> None:
    with served(whole) as server, pytest.raises(Refused):
        fetch(server, tmp_path, SMALL, sha)
    assert (server.requests, list(tmp_path.rglob("*"))) == ([], [])


def test_headers_name_no_file(tmp_path: Path) -> None:
    headers = {"ETag": '"../../../evil"', "X-Linked-ETag": "../evil", "X-Repo-Commit": "../evil", "X-Linked-Size": "-1"}
    with served(lambda path, _: (200, headers, CONTENT)) as server:
        fetch(server, tmp_path / "models", LARGE)
    found = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if not path.is_dir()}
    home = "models/models--org--model"
    assert found == {
        f"{home}/blobs/{SHA256}",
        f"{home}/blobs/{SHA256}.lock",
        f"{home}/snapshots/{SHA}/model.safetensors",
    }
