"""Publishing to the Hub, against a server on this machine that keeps a data set as the Hub's API does."""

import base64
import hashlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import duckdb
import pytest

from modelkin.errors import HubError, UsageError
from reports.publication.hub import publish_to_hub

NAME = "o/set"
TOKEN = "hf_test_token_of_nobody"


class DataSet(ThreadingHTTPServer):
    """One data set: its files, its commits, and what was asked of it."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.files: dict[str, bytes] = {".gitattributes": b""}
        self.commits: list[list[str]] = []
        self.tokens: set[str | None] = set()
        self.refuse = False

    @property
    def sha(self) -> str:
        return f"{len(self.commits):040x}"


class Handler(BaseHTTPRequestHandler):
    server: DataSet

    def log_message(self, *_: object) -> None:
        return

    def answer(self, value: object, status: int = 200, **headers: str) -> None:
        body = json.dumps(value).encode()
        self.send_response(status)
        for name, text in {"Content-Type": "application/json", "Content-Length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), text)
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self) -> None:
        self.server.tokens.add(self.headers.get("Authorization"))
        if not self.path.startswith(f"/api/datasets/{NAME}"):
            self.answer({"error": "Repository not found"}, 404, X_Error_Code="RepoNotFound")
            return
        siblings = [{"rfilename": name} for name in sorted(self.server.files)]
        self.answer({"id": NAME, "sha": self.server.sha, "siblings": siblings})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if "/validate-yaml" in self.path:
            self.answer({"errors": [], "warnings": []})
        elif "/preupload/" in self.path:
            files = [{"path": one["path"], "uploadMode": "regular", "shouldIgnore": False, "oid": self.oid(one["path"])}
                     for one in json.loads(body)["files"]]  # fmt: skip
            self.answer({"files": files})
        elif self.server.refuse:
            self.answer({"error": "A commit has happened since"}, 412)
        else:
            self.commit([json.loads(line) for line in body.splitlines()])

    def oid(self, path: str) -> str | None:
        held = self.server.files.get(path)
        return None if held is None else hashlib.sha1(b"blob %d\0" % len(held) + held).hexdigest()

    def commit(self, lines: list[dict[str, Any]]) -> None:
        assert lines[0]["value"]["parentCommit"] == self.server.sha
        for line in lines[1:]:
            if line["key"] == "file":
                self.server.files[line["value"]["path"]] = base64.b64decode(line["value"]["content"])
            else:
                assert line["key"] == "deletedFile"
                del self.server.files[line["value"]["path"]]
        self.server.commits.append([line["value"]["path"] for line in lines[1:]])
        address = f"http://127.0.0.1:{self.server.server_address[1]}/datasets/{NAME}/commit/{self.server.sha}"
        self.answer({"commitOid": self.server.sha, "commitUrl": address, "hookOutput": ""})


@pytest.fixture
def data_set(monkeypatch: pytest.MonkeyPatch) -> Iterator[DataSet]:
    with DataSet() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{server.server_address[1]}")
        monkeypatch.setenv("HF_TOKEN", TOKEN)
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    path = tmp_path / "warehouse.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("""
            create schema marts;
            create table marts.fct_builds as select 'b' as build_id, timestamp '2026-01-02' as built_at;
            create table marts.fct_extract_runs as select 'dump' as source, null as endpoint, 'complete' as status,
                null as params, timestamp '2026-01-01' as started_at, false as is_synthetic;
            create table marts.dim_models as select 1 as n;
            create table marts.dim_old as select 1 as n;
        """)
    return path


def test_each_publication_is_one_commit_of_what_changed(
    data_set: DataSet, warehouse: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    publish_to_hub(warehouse, f"hf://datasets/{NAME}")
    assert set(data_set.files) == {
        ".gitattributes", "README.md", "SHA256SUMS", "catalogue.json", "data/marts/dim_models.parquet",
        "data/marts/dim_old.parquet", "data/marts/fct_builds.parquet", "data/marts/fct_extract_runs.parquet",
    }  # fmt: skip
    for line in data_set.files["SHA256SUMS"].decode().splitlines():
        digest, name = line.split("  ")
        assert hashlib.sha256(data_set.files[name]).hexdigest() == digest
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("drop table marts.dim_old; update marts.dim_models set n = 2")
    publish_to_hub(warehouse, f"hf://datasets/{NAME}/")
    assert len(data_set.commits) == 2
    assert sorted(data_set.commits[1]) == [
        "README.md", "SHA256SUMS", "catalogue.json", "data/marts/dim_models.parquet", "data/marts/dim_old.parquet",
    ]  # fmt: skip
    assert "data/marts/dim_old.parquet" not in data_set.files
    # The token reaches the Hub, and neither a file nor the terminal.
    assert data_set.tokens == {f"Bearer {TOKEN}"}
    assert not any(TOKEN.encode() in content for content in data_set.files.values())
    assert TOKEN not in "".join(capfd.readouterr())
    assert TOKEN.encode() not in warehouse.read_bytes()


def test_one_that_the_hub_refuses_leaves_the_former(data_set: DataSet, warehouse: Path) -> None:
    publish_to_hub(warehouse, f"hf://datasets/{NAME}")
    before = dict(data_set.files)
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("update marts.dim_models set n = 2")
    data_set.refuse = True
    with pytest.raises(HubError, match=r"did not take the data set o/set \(412\)"):
        publish_to_hub(warehouse, f"hf://datasets/{NAME}")
    assert data_set.files == before


@pytest.mark.parametrize(
    "target", ["hf://datasets/o", "hf://o/set", "hf://datasets/o/set/main/x", "hf://datasets/a b/c"]
)
def test_what_is_no_name_is_refused_before_anything_is_asked(target: str, data_set: DataSet, warehouse: Path) -> None:
    with pytest.raises(UsageError, match="is no data set"):
        publish_to_hub(warehouse, target)
    assert data_set.tokens == set()


def test_a_data_set_that_is_absent_or_someone_elses(data_set: DataSet, warehouse: Path) -> None:
    with pytest.raises(HubError, match="There is no data set o/other that you may write to"):
        publish_to_hub(warehouse, "hf://datasets/o/other")
    data_set.files["letter.txt"] = b"dear"
    with pytest.raises(UsageError, match="holds something else"):
        publish_to_hub(warehouse, f"hf://datasets/{NAME}")
    assert data_set.commits == []
