"""The server's answers on the wire: paging, ranges, refusals, faults, and what it never does."""

import http.client
import json
from collections.abc import Mapping
from urllib.parse import quote, urlsplit

import pytest
from huggingface_hub import HfApi

import minihub
from minihub.api.exchange import NOTICE
from minihub.catalogue import ASTER
from minihub.repositories import CATALOGUE_FILE
from modelkin.errors import HubError

WEIGHTS = f"/{ASTER}/resolve/main/model.safetensors"


def ask(
    endpoint: str, target: str, method: str = "GET", headers: Mapping[str, str] | None = None
) -> tuple[int, http.client.HTTPMessage, bytes]:
    connection = http.client.HTTPConnection(urlsplit(endpoint).netloc, timeout=20)
    try:
        connection.request(method, target, headers=dict(headers or {}))
        reply = connection.getresponse()
        return reply.status, reply.headers, reply.read()
    finally:
        connection.close()


def content_of(hub_build: minihub.Build, repo_id: str, path: str) -> bytes:
    repo = hub_build.find(repo_id)
    assert repo is not None
    file = repo.file(path)
    assert file is not None
    return hub_build.blob(file).read_bytes()


def test_says_what_it_is(minihub_endpoint: str) -> None:
    status, headers, body = ask(minihub_endpoint, "/")
    assert status == 200
    assert NOTICE in body.decode()
    assert headers["X-Modelkin-Notice"] == NOTICE


def test_pages_by_cursor_without_gap_or_repetition(minihub_build: minihub.Build) -> None:
    with minihub.serving(minihub_build, faults=minihub.Faults(page_size=7)) as hub:
        models = list(HfApi(endpoint=hub.endpoint).list_models(sort="created_at", full=True))
        ids = [model.id for model in models]
        assert len(hub.requests) == -(-len(minihub_build.repos) // 7)
    assert len(set(ids)) == len(ids) == len(minihub_build.repos)
    assert [model.created_at for model in models] == sorted((model.created_at for model in models), reverse=True)


def test_keeps_repeated_parameters_in_the_next_link(minihub_endpoint: str) -> None:
    target = f"/api/models?limit=2&filter=safetensors&filter={quote(f'base_model:{ASTER}')}&expand=sha&expand=likes"
    _, headers, body = ask(minihub_endpoint, target)
    assert [set(model) for model in json.loads(body)] == [{"_id", "id", "sha", "likes"}] * 2
    link = headers["Link"]
    assert link.endswith('>; rel="next"')
    assert link.count("filter=") == link.count("expand=") == 2
    _, headers, body = ask(minihub_endpoint, link[1:].split(">")[0].removeprefix(minihub_endpoint))
    assert len(json.loads(body)) == 2


@pytest.mark.parametrize("name", ["baseModels", "childrenModelCount", "usedStorage", "nonsense"])
def test_rejects_expansions_that_listings_lack(minihub_endpoint: str, name: str) -> None:
    status, _, body = ask(minihub_endpoint, f"/api/models?expand={name}")
    assert status == 400
    assert name in json.loads(body)["error"]


@pytest.mark.parametrize("query", ["limit=0", "limit=many", "cursor=!", "cursor=e30=", "sort=size", "num_parameters=x"])
def test_rejects_what_it_cannot_read(minihub_endpoint: str, query: str) -> None:
    assert ask(minihub_endpoint, f"/api/models?{query}")[0] == 400


def test_head_tells_etag_commit_and_size(minihub_endpoint: str, minihub_build: minihub.Build) -> None:
    repo = minihub_build.find(ASTER)
    assert repo is not None
    weights = repo.file("model.safetensors")
    assert weights is not None
    status, headers, body = ask(minihub_endpoint, WEIGHTS, "HEAD")
    assert (status, body) == (200, b"")
    assert headers["ETag"] == headers["X-Linked-ETag"] == f'"{weights.sha256}"'
    assert headers["X-Repo-Commit"] == repo.sha
    assert int(headers["Content-Length"]) == int(headers["X-Linked-Size"]) == weights.size
    assert ask(minihub_endpoint, WEIGHTS, headers={"If-None-Match": headers["ETag"]})[0] == 304


@pytest.mark.parametrize(
    ("wanted", "part"),
    [("bytes=0-7", slice(0, 8)), ("bytes=100-", slice(100, None)), ("bytes=-16", slice(-16, None))],
)
def test_answers_ranges(minihub_endpoint: str, minihub_build: minihub.Build, wanted: str, part: slice) -> None:
    content = content_of(minihub_build, ASTER, "model.safetensors")
    status, headers, body = ask(minihub_endpoint, WEIGHTS, headers={"Range": wanted})
    assert status == 206
    assert body == content[part]
    start, stop, _ = part.indices(len(content))
    assert headers["Content-Range"] == f"bytes {start}-{stop - 1}/{len(content)}"


@pytest.mark.parametrize("wanted", ["bytes=99999999-", "bytes=-0", "lines=1-2"])
def test_refuses_ranges_outside_the_file(minihub_endpoint: str, wanted: str) -> None:
    status, headers, _ = ask(minihub_endpoint, WEIGHTS, headers={"Range": wanted})
    assert status == 416
    assert headers["Content-Range"].startswith("bytes */")


def test_answers_the_codes_that_clients_read(minihub_endpoint: str) -> None:
    gated = "/demo-gatekeeper/Aster-1M-Medical/resolve/main/config.json"
    token = {"Authorization": "Bearer hf_synthetic"}
    asked = [(gated, {}), (gated, token), ("/api/models/no/body", {}), ("/api/models/no/body", token)]
    replies = [ask(minihub_endpoint, target, headers=headers) for target, headers in asked]
    seen = {
        (target, bool(headers)): (status, answer["X-Error-Code"])
        for (target, headers), (status, answer, _) in zip(asked, replies, strict=True)
    }
    assert seen == {
        (gated, False): (401, "GatedRepo"),
        (gated, True): (403, "GatedRepo"),
        ("/api/models/no/body", False): (401, None),
        ("/api/models/no/body", True): (404, "RepoNotFound"),
    }


@pytest.mark.parametrize(
    "target",
    [
        f"/{ASTER}/resolve/main/../../../../{CATALOGUE_FILE}",
        f"/{ASTER}/resolve/main/%2e%2e%2f%2e%2e%2f{CATALOGUE_FILE}",
        f"/{ASTER}/resolve/main/%2fetc%2fpasswd",
        f"/{ASTER}/resolve/main//etc/passwd",
        f"/{ASTER}/resolve/main/config.json%00",
        "/../../etc/passwd",
        "/api/models/%2e%2e/%2e%2e",
    ],
)
def test_serves_nothing_outside_the_catalogue(minihub_endpoint: str, target: str) -> None:
    assert ask(minihub_endpoint, target)[0] in {401, 404}


def test_huggingface_hub_waits_a_rate_limit_out(minihub_build: minihub.Build) -> None:
    faults = minihub.Faults(page_size=20, rate_limit_at=frozenset({2}), reset_seconds=0)
    with minihub.serving(minihub_build, faults=faults) as hub:
        models = list(HfApi(endpoint=hub.endpoint).list_models())
        assert len(hub.requests) == 4
        assert hub.requests[1] == hub.requests[2]
    assert len(models) == len(minihub_build.repos)


def test_a_rate_limit_tells_when_to_come_back(minihub_build: minihub.Build) -> None:
    with minihub.serving(minihub_build, faults=minihub.Faults(fail_every=2, reset_seconds=7)) as hub:
        replies = [ask(hub.endpoint, "/api/models?limit=1") for _ in range(4)]
    assert [status for status, _, _ in replies] == [200, 429, 200, 429]
    assert replies[1][1]["RateLimit"] == '"api";r=0;t=7'
    assert "q=500;w=300" in replies[1][1]["RateLimit-Policy"]


def test_server_errors_come_when_asked_for(minihub_build: minihub.Build) -> None:
    with minihub.serving(minihub_build, faults=minihub.Faults(error_at=frozenset({1}))) as hub:
        assert [ask(hub.endpoint, "/api/models?limit=1")[0] for _ in range(2)] == [503, 200]


def test_a_taken_port_is_one_sentence(minihub_endpoint: str, minihub_build: minihub.Build) -> None:
    port = urlsplit(minihub_endpoint).port
    assert port is not None
    with pytest.raises(HubError, match=f"cannot listen on 127.0.0.1:{port}"), minihub.serving(minihub_build, port=port):
        pass
