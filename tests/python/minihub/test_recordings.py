"""The miniature Hub answers as the recordings of the real one: statuses, headers, fields and kinds of values."""

import http.client
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest

import minihub
from minihub.api.fields import EXPANDABLE
from minihub.catalogue import ASTER, ASTER_CHAT
from tests.python.conftest import published_data

GATED = "demo-gatekeeper/Aster-1M-Medical"
GGUF = "demo-gguf-press/Aster-1M-Chat-GGUF"
COMPARED_HEADERS = ("content-type", "location", "ratelimit", "ratelimit-policy", "x-error-code", "x-error-message")
OPEN = {"cardData", "config", "parameters"}
"""Objects whose keys are the authors' own, not the API's."""
EXPANDED = (
    "author", "private", "disabled", "gated", "createdAt", "lastModified", "sha", "pipeline_tag", "tags", "likes",
    "downloads", "downloadsAllTime", "trendingScore", "baseModels", "childrenModelCount", "spaces",
)  # fmt: skip


@pytest.fixture(scope="module")
def folder() -> Path:
    found = published_data() / "hub_api"
    if not found.is_dir():
        pytest.skip("the recorded answers of the Hub's API are not there")
    return found


def read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def ask(endpoint: str, target: str) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection(urlsplit(endpoint).netloc, timeout=20)
    try:
        connection.request("GET", target)
        reply = connection.getresponse()
        return reply.status, {name.lower(): value for name, value in reply.getheaders()}, reply.read()
    finally:
        connection.close()


def kinds(value: Any, path: str = "") -> dict[str, set[str]]:
    """Return every field of an answer by its path, with the kinds of its values."""
    found = {path: {type(value).__name__}} if path else {}
    if isinstance(value, dict) and path.rpartition(".")[2] not in OPEN:
        for name, part in value.items():
            merge(found, kinds(part, f"{path}.{name}".strip(".")))
    elif isinstance(value, list) and value:
        for part in value:
            merge(found, kinds(part, f"{path}[]"))
    return found


def merge(into: dict[str, set[str]], more: dict[str, set[str]]) -> None:
    for path, names in more.items():
        into.setdefault(path, set()).update(names)


def assert_alike(ours: Sequence[dict[str, Any]], recorded: Sequence[dict[str, Any]]) -> None:
    """Assert that ours have no field and no kind of value that is not recorded, and all that every record has."""
    theirs: dict[str, set[str]] = {}
    for record in recorded:
        merge(theirs, kinds(record))
    for answer in ours:
        for path, names in kinds(answer).items():
            assert path in theirs, f"{answer['id']}: {path} was never recorded"
            assert names <= theirs[path], f"{answer['id']}: {path} is {names}, recorded {theirs[path]}"
    always = set.intersection(*(set(record) for record in recorded))
    for answer in ours:
        assert always <= set(answer), f"{answer['id']} lacks {always - set(answer)}"


def gated_like(record: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Return a record with the word by which another recording says that its model is gated."""
    return record | {"gated": read(folder / "infos" / "meta-llama__Llama-3.1-8B.expand.json")["gated"]}


def details(folder: Path) -> list[dict[str, Any]]:
    """Return the recorded answers about one model without expand."""
    special = ("expand", "partial", "blobs", "Waynehills")
    return [read(path) for path in (folder / "infos").glob("*.json") if not any(word in path.name for word in special)]


def test_facts_about_one_model(minihub_endpoint: str, minihub_build: minihub.Build, folder: Path) -> None:
    with_card = [repo for repo in minihub_build.repos if not repo.is_deleted and "cardData" in repo.info]
    ours = [json.loads(ask(minihub_endpoint, f"/api/models/{repo.repo_id}")[2]) for repo in with_card]
    recorded = details(folder)
    assert_alike(ours, [*recorded, gated_like(recorded[0], folder)])
    [gguf] = [answer["gguf"] for answer in ours if answer["id"] == GGUF]
    # A model without a chat template has none to show.
    assert set(gguf) == set(next(record["gguf"] for record in recorded if "gguf" in record)) - {"chat_template"}


def test_facts_about_a_model_without_a_card(minihub_endpoint: str, minihub_build: minihub.Build, folder: Path) -> None:
    recorded = read(folder / "infos" / "mcpotato__42-eicar-street.blobs.json")
    bare = [repo for repo in minihub_build.repos if not repo.is_deleted and "cardData" not in repo.info]
    assert bare
    for repo in bare:
        answer = json.loads(ask(minihub_endpoint, f"/api/models/{repo.repo_id}?blobs=true")[2])
        assert set(recorded) <= set(answer)
        assert "model-index" not in answer
        plain = [file for file in answer["siblings"] if "lfs" not in file]
        assert {frozenset(file) for file in plain} == {frozenset(recorded["siblings"][0])}


def test_expanded_facts(minihub_endpoint: str, folder: Path) -> None:
    recorded = [read(path) for path in (folder / "infos").glob("*.expand.json")]
    query = urlencode({"expand[]": EXPANDED}, doseq=True)
    ours = [json.loads(ask(minihub_endpoint, f"/api/models/{name}?{query}")[2]) for name in (ASTER, ASTER_CHAT, GATED)]
    assert_alike(ours, recorded)
    assert "baseModels" not in ours[0]
    assert ours[0]["childrenModelCount"].keys() == recorded[0]["childrenModelCount"].keys()
    assert ours[2]["gated"] in ("auto", "manual")


@pytest.mark.parametrize(
    ("query", "recording"),
    [
        ("sort=trendingScore", "2026-04_trending_default"),
        ("search=Aster&full=true", "2026-06_search_full"),
        (
            "expand=author&expand=likes&expand=trendingScore&expand=downloads&expand=tags&expand=pipeline_tag"
            "&expand=library_name&expand=createdAt",
            "2026-08_expand_author",
        ),
    ],
)
def test_listings(minihub_endpoint: str, folder: Path, query: str, recording: str) -> None:
    recorded = read(folder / "listings" / f"{recording}.json")
    ours = json.loads(ask(minihub_endpoint, f"/api/models?{query}")[2])
    # A model that names no task or library lacks these, in the recordings too.
    bare = {name: part for name, part in recorded[0].items() if name not in {"pipeline_tag", "library_name"}}
    records = [*recorded, bare]
    if "gated" in bare:
        records.append(gated_like(bare, folder))
    assert_alike(ours, records)


@pytest.mark.parametrize(
    ("recording", "target"),
    [
        ("401_missing_model", "/api/models/demo-aster-lab/no-such-model"),
        ("401_gated_commits", f"/api/models/{GATED}/commits/main?limit=1"),
        ("307_renamed", "/api/models/demo-aster-lab/Aster-1M-Dialogue"),
        ("307_bert-base-uncased", "/api/models/Aster-1M"),
    ],
)
def test_refusals_and_redirects(minihub_endpoint: str, folder: Path, recording: str, target: str) -> None:
    recorded = read(folder / "errors" / f"{recording}.json")
    status, headers, body = ask(minihub_endpoint, target)
    theirs = {name.lower(): value for name, value in recorded["headers"].items()}
    assert status == recorded["status"]
    ours = {name for name in COMPARED_HEADERS if name in headers}
    # The recordings of 2025 and earlier have no rate limit; those of redirects of 2026 were kept without their type.
    expected = {name for name in COMPARED_HEADERS if name in theirs} | {"ratelimit", "ratelimit-policy", "content-type"}
    assert ours == expected
    assert headers["content-type"] == theirs.get("content-type", "text/plain; charset=utf-8")
    if isinstance(recorded["body"], dict):
        assert json.loads(body).keys() == recorded["body"].keys()
        wanted = recorded["body"]["error"].replace("meta-llama/Llama-3.1-8B", GATED)
        assert json.loads(body)["error"] == headers["x-error-message"] == wanted
    elif recorded["body"]:
        assert body.decode() == f"Temporary Redirect. Redirecting to {headers['location']}"
        assert recorded["body"] == f"Temporary Redirect. Redirecting to {theirs['location']}"


def test_the_rate_limit_stands_on_every_answer(minihub_endpoint: str, folder: Path) -> None:
    recorded = read(folder / "errors" / "401_missing_model.json")["headers"]
    for target in ("/api/models?limit=1", f"/api/models/{ASTER}", "/api/models/no/body", "/api/models?limit=x"):
        _, headers, _ = ask(minihub_endpoint, target)
        assert headers["ratelimit-policy"] == recorded["ratelimit-policy"]
        assert headers["ratelimit"].startswith('"api";r=')


def test_what_is_not_recorded_is_marked_as_assumed(folder: Path) -> None:
    from minihub.api import assumed

    seen = {name for path in (folder / "infos").glob("*.expand.json") for name in read(path)} - {"_id", "id"}
    seen |= {name for record in read(folder / "listings" / "2026-08_expand_author.json") for name in record} - {"_id"}
    assert seen >= EXPANDABLE - assumed.EXPANDABLE
