"""Crawls: what is listed, what is kept, and that an interruption changes nothing."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from threading import Event
from urllib.parse import parse_qs, urlsplit

import pytest

from extract.hub import crawl
from extract.hub.crawl import CrawlRequest, crawl_hub
from minihub.api.exchange import Request
from minihub.api.faults import Faults
from minihub.repositories import Build, HubRepo
from minihub.server import MiniHub, serving
from modelkin.errors import HubError
from modelkin.folders import cache_root
from modelkin.warehouse import load, utc_now
from tests.python.extract.command import ROOT, Command, Outcome, assert_refused, query
from tests.python.extract.hub.tiny_hub import BASE, OTHER, family

MODELS = "select * exclude (run_id, observed_at) from raw.hub_models order by model_id"


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Build:
    return family(tmp_path_factory.mktemp("tiny_hub"))


@contextmanager
def at(models: Build, monkeypatch: pytest.MonkeyPatch, **faults: object) -> Iterator[MiniHub]:
    monkeypatch.setenv("MODELKIN_ENDPOINT_LABEL", "tiny")
    with serving(models, faults=Faults(**{"page_size": 7, **faults})) as hub:  # type: ignore[arg-type]
        monkeypatch.setenv("HF_ENDPOINT", hub.endpoint)
        yield hub


@pytest.fixture
def hub(models: Build, monkeypatch: pytest.MonkeyPatch, warehouse_file: Path) -> Iterator[MiniHub]:
    with at(models, monkeypatch) as server:
        yield server


Served = Callable[..., AbstractContextManager[MiniHub]]


@pytest.fixture
def at_a_new_hub(models: Build, monkeypatch: pytest.MonkeyPatch, warehouse_file: Path) -> Served:
    return partial(at, models, monkeypatch)


def ids(path: Path) -> set[str]:
    return {name for (name,) in query(path, "select model_id from raw.hub_models")}


def params(path: Path) -> dict[str, object]:
    [(text,)] = query(path, "select params from raw.extract_runs")
    return dict(json.loads(text))


def test_children_of_a_base_model(hub: MiniHub, warehouse_file: Path, extract: Command) -> None:
    outcome = extract("hub", "--base-model", BASE)

    assert outcome.exit_code == 0, outcome.stderr
    assert "Crawled 33 models on 5 pages (run " in outcome.stdout
    expected = {BASE, OTHER, "both/merge", *(f"user{index % 4}/child-{index}" for index in range(30))}
    assert ids(warehouse_file) == expected
    [(source, endpoint, status, rows)] = query(
        warehouse_file, "select source, endpoint, status, row_count from raw.extract_runs"
    )
    assert (source, endpoint, status, rows) == ("hub", "tiny", "complete", 33)
    assert params(warehouse_file)["is_partial"] is False
    assert params(warehouse_file)["scope"] == "family"
    assert params(warehouse_file)["base_models"] == [BASE]


def test_only_the_base_models_say_what_listings_refuse(hub: MiniHub, warehouse_file: Path) -> None:
    crawl_hub(CrawlRequest(base_models=(OTHER,)))
    assert query(
        warehouse_file,
        """select model_id, base_models, storage_bytes, architecture, card_data ->> 'license', gated, downloads
        from raw.hub_models where base_models is not null""",
    ) == [(OTHER, [{"relation": "finetune", "id": BASE}], 1000, "llama", "mit", "false", 5000)]


def test_generations_below_and_each_model_once(hub: MiniHub, warehouse_file: Path) -> None:
    result = crawl_hub(CrawlRequest(base_models=(BASE, OTHER), depth=3))
    found = [name for (name,) in query(warehouse_file, "select model_id from raw.hub_models")]
    assert len(found) == len(set(found)) == result.n_models == 65
    assert not any(name.startswith("far/") for name in found)
    asked = [parse_qs(urlsplit(request).query).get("filter") for request in hub.requests]
    assert ["base_model:org/Base-1B"] in asked


def test_depth_ends_the_walk(hub: MiniHub, warehouse_file: Path) -> None:
    crawl_hub(CrawlRequest(base_models=(BASE,), depth=2))
    found = ids(warehouse_file)
    assert "user/grand-19" in found and "peft/lora-5" in found and "user/great-0" not in found


def test_filters_choose_among_descendants_and_do_not_end_the_walk(hub: MiniHub, warehouse_file: Path) -> None:
    crawl_hub(CrawlRequest(base_models=(BASE,), depth=3, author="USER", min_downloads=11))
    rows = query(warehouse_file, "select model_id, downloads from raw.hub_models")
    assert {name.rpartition("-")[0] for name, _ in rows} >= {"user/grand", "org/Base"}
    assert all(name == BASE or (name.startswith("user/") and downloads >= 11) for name, downloads in rows)


@pytest.mark.parametrize(
    ("request_", "count"),
    [
        (CrawlRequest(author="user2"), 7),
        (CrawlRequest(library="peft"), 0),
        (CrawlRequest(language="fr"), 20),
        (CrawlRequest(language="fr", library="transformers"), 20),
        (CrawlRequest(task="text-generation"), 76),
        (CrawlRequest(everything=True), 77),
    ],
)
def test_listings(request_: CrawlRequest, count: int, hub: MiniHub, warehouse_file: Path) -> None:
    result = crawl_hub(request_)
    assert (result.n_models, result.is_partial) == (count, False)
    assert len(ids(warehouse_file)) == count
    assert params(warehouse_file)["scope"] == ("all" if request_.everything else "filtered")


def test_a_minimum_of_downloads_ends_the_listing_early(hub: MiniHub, warehouse_file: Path, models: Build) -> None:
    result = crawl_hub(CrawlRequest(min_downloads=250))
    expected = {repo.repo_id for repo in models.repos if repo.info["downloads"] >= 250}
    assert ids(warehouse_file) == expected
    assert not result.is_partial
    assert len(hub.requests) == len(expected) // 7 + 1


def test_a_limit_marks_the_crawl_as_partial(hub: MiniHub, warehouse_file: Path, extract: Command) -> None:
    outcome = extract("hub", "--limit", "10")
    assert "Crawled 10 models on 2 pages, a part of what there is" in outcome.stdout
    assert "marked as partial" in outcome.stderr
    assert params(warehouse_file)["is_partial"] is True
    assert BASE in ids(warehouse_file)


def test_a_limited_crawl_of_a_family_takes_the_most_downloaded(hub: MiniHub, warehouse_file: Path) -> None:
    ranked = "select run_id, model_id from raw.hub_models order by downloads desc, model_id"
    whole = crawl_hub(CrawlRequest(base_models=(BASE,)))
    part = crawl_hub(CrawlRequest(base_models=(BASE,), limit=3))
    filtered = crawl_hub(CrawlRequest(base_models=(BASE,), limit=3, min_downloads=1))
    found = [
        [name for run, name in query(warehouse_file, ranked) if run == crawl.run_id and name != BASE]
        for crawl in (whole, part, filtered)
    ]
    assert part.is_partial
    assert found[1] == found[2] == found[0][: len(found[1])] != []
    assert sorted(found[0]) != found[0]


@pytest.mark.parametrize(("limit", "is_partial"), [(76, True), (77, False), (78, False)])
def test_a_limit_that_cuts_nothing_is_no_part(limit: int, is_partial: bool, hub: MiniHub, warehouse_file: Path) -> None:
    result = crawl_hub(CrawlRequest(limit=limit))
    assert (result.n_models, result.is_partial) == (min(limit, 77), is_partial)


def test_a_base_model_under_its_old_name_or_another_case(hub: MiniHub, warehouse_file: Path) -> None:
    first = crawl_hub(CrawlRequest(base_models=("org/base-old", "ORG/base-1b")))
    assert len(ids(warehouse_file)) == 33
    assert BASE in ids(warehouse_file)
    assert first.notes == [f"org/base-old leads to {BASE}: it was renamed, or replaced by another repository"]


def test_a_base_model_that_was_observed_under_its_old_name(hub: MiniHub, warehouse_file: Path) -> None:
    same = {"observed_at": utc_now(), "model_id": "org/base-old"}
    [own_id] = [repo.info["_id"] for repo in hub.build.repos if repo.repo_id == BASE]
    for hub_id, note in (
        (own_id, f"org/base-old was renamed: it is {BASE} now"),
        ("0" * 24, f"org/base-old leads to {BASE}, another repository than the one that was observed under this id"),
    ):
        with load("hub", endpoint="tiny") as run:
            run.add("hub_models", [same | {"hub_id": hub_id, "observed_at": utc_now()}])
        assert crawl_hub(CrawlRequest(base_models=("org/base-old",))).notes == [note]


def test_a_base_model_that_does_not_exist(hub: MiniHub, warehouse_file: Path, extract: Command) -> None:
    outcome = extract("hub", "--base-model", BASE, "--base-model", "org/none")
    assert_refused(outcome, "There is no model org/none on tiny")
    assert not warehouse_file.exists()


def test_crawling_twice_adds_a_run_with_the_same_rows(hub: MiniHub, warehouse_file: Path) -> None:
    for _ in range(2):
        crawl_hub(CrawlRequest(base_models=(BASE,), depth=2))
    runs = query(warehouse_file, "select status, row_count from raw.extract_runs")
    assert runs == [("complete", 59)] * 2
    assert len(query(warehouse_file, f"select distinct * from ({MODELS})")) == 59


def test_a_rate_limit_in_the_middle_is_waited_out(
    models: Build, monkeypatch: pytest.MonkeyPatch, warehouse_file: Path
) -> None:
    with at(models, monkeypatch, rate_limit_at=frozenset({4}), error_at=frozenset({7}), reset_seconds=1) as hub:
        started = time.monotonic()
        result = crawl_hub(CrawlRequest(everything=True))
        waited = time.monotonic() - started
    assert result.n_models == 77
    assert waited >= 2, "one second that the 429 asked for and the second that the client adds"
    assert len(hub.requests) == 11 + 2


def test_a_hub_that_keeps_failing_is_taken_up_later(
    models: Build, monkeypatch: pytest.MonkeyPatch, warehouse_file: Path
) -> None:
    monkeypatch.setattr("extract.hub.bounds.RETRIES", 0)
    monkeypatch.setattr("extract.hub.client.FIRST_CONTACT_RETRIES", 0)
    with at(models, monkeypatch, error_at=frozenset({4, 6})) as hub:
        for attempt in (1, 2):
            with pytest.raises(HubError, match="answered 503 for the list of models"):
                crawl_hub(CrawlRequest(everything=True))
            statuses = query(warehouse_file, "select status from raw.extract_runs")
            assert statuses == [("failed",)] * attempt
            assert ids(warehouse_file) == set()
        result = crawl_hub(CrawlRequest(everything=True))
    assert result.n_models == len(ids(warehouse_file)) == 77
    assert len(hub.requests) == 11 + 2


def test_a_hub_that_cannot_be_reached(monkeypatch: pytest.MonkeyPatch, warehouse_file: Path, extract: Command) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setattr("extract.hub.client.FIRST_CONTACT_RETRIES", 0)
    assert_refused(extract("hub", "--base-model", BASE), "http://127.0.0.1:9 cannot be reached (ConnectError)")
    assert not warehouse_file.exists()


def test_a_dead_hub_is_one_sentence_without_error_numbers(warehouse_file: Path) -> None:
    command = [sys.executable, "-m", "extract", "hub", "--base-model", BASE]
    environment = os.environ | {"HF_ENDPOINT": "http://127.0.0.1:9"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert_refused(
        Outcome(done.returncode, done.stdout, done.stderr), "cannot be reached (ConnectError) for org/Base-1B"
    )
    assert "Errno" not in done.stderr


def answer_only(hub: MiniHub, n_requests: int) -> Event:
    """Hold back every request after the first ``n_requests`` until the returned event is set."""
    goes_on, count = Event(), hub.count

    def held(request: Request) -> int:
        number = count(request)
        if len(hub.requests) > n_requests:
            goes_on.wait()
        return number

    hub.count = held  # type: ignore[method-assign]
    return goes_on


def crawl_process(*arguments: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-m", "extract", "hub", *arguments],
        cwd=ROOT,
        env=dict(os.environ),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


@pytest.mark.parametrize(
    ("arguments", "share"), [(("--all",), 0.5), (("--base-model", BASE, "--depth", "2", "--cards"), 0.3)]
)
def test_a_crawl_killed_at_any_page_and_resumed_gives_the_same_rows(
    arguments: tuple[str, ...], share: float, at_a_new_hub: Served, extract: Command, tmp_path: Path
) -> None:
    whole, broken = tmp_path / "whole.duckdb", tmp_path / "broken.duckdb"
    with at_a_new_hub() as hub, pytest.MonkeyPatch.context() as here:
        here.setenv("MODELKIN_CACHE", str(tmp_path / "cache_whole"))
        here.setenv("MODELKIN_DB", str(whole))
        assert extract("hub", *arguments).exit_code == 0
        n_requests = len(hub.requests)

        here.setenv("MODELKIN_CACHE", str(tmp_path / "cache_broken"))
        here.setenv("MODELKIN_DB", str(broken))
        n_answered = int(n_requests * (1 + share))
        goes_on = answer_only(hub, n_answered)
        process = crawl_process(*arguments)
        while len(hub.requests) <= n_answered and process.poll() is None:
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        assert process.wait(60) == -signal.SIGKILL, "the crawl ended before it was killed"
        goes_on.set()
        assert query(broken, "select status from raw.extract_runs") == [("running",)]
        assert query(broken, "select count(*) from raw.hub_models") == [(0,)]

        before = len(hub.requests)
        assert extract("hub", *arguments).exit_code == 0
        assert len(hub.requests) - before < n_requests, "the finished pages are not asked for again"

    assert query(broken, MODELS) == query(whole, MODELS)
    cards = "select model_id, sha, body from raw.hub_model_cards order by all"
    assert query(broken, cards) == query(whole, cards)
    assert not list((tmp_path / "cache_broken").rglob("*.parquet")), "a finished crawl forgets its pages"


def test_old_pages_are_fetched_again(hub: MiniHub, warehouse_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crawl.Spool, "clear", lambda self: None)
    crawl_hub(CrawlRequest(everything=True))
    crawl_hub(CrawlRequest(everything=True))
    assert len(hub.requests) == 11
    now = crawl.utc_now() + timedelta(hours=crawl.PAGE_HOURS + 1)
    monkeypatch.setattr(crawl, "utc_now", lambda: now)
    crawl_hub(CrawlRequest(everything=True))
    assert len(hub.requests) == 22


def test_a_crawl_sweeps_what_older_ones_left(hub: MiniHub, warehouse_file: Path) -> None:
    old, young = (cache_root() / kind for kind in ("hub/0123", "cards/4567"))
    for folder in (old, young):
        folder.mkdir(parents=True)
        (folder / "page.parquet").touch()
    then = time.time() - 90_000
    for path in (old / "page.parquet", old):
        os.utime(path, (then, then))
    crawl_hub(CrawlRequest(author="far"))
    assert not old.exists() and young.exists()


def test_cards_come_with_their_commit(hub: MiniHub, warehouse_file: Path, models: Build) -> None:
    result = crawl_hub(CrawlRequest(base_models=(BASE,)), cards=True)
    rows = query(
        warehouse_file, "select model_id, sha, body from raw.hub_model_cards where body is not null order by 1"
    )
    shas = {repo.repo_id: repo.sha for repo in models.repos}
    assert rows == [
        (OTHER, shas[OTHER], "---\nlicense: mit\n---\nAnother \ufffd base"),
        (BASE, shas[BASE], "# Base\n"),
    ]
    assert query(warehouse_file, "select count(*), count(body) from raw.hub_model_cards") == [(33, 2)]
    assert result.notes == []
    assert params(warehouse_file)["cards_found"] == 2


def test_a_card_that_the_warehouse_has_is_not_fetched_again(
    models: Build, monkeypatch: pytest.MonkeyPatch, warehouse_file: Path, extract: Command
) -> None:
    def fetched(build: Build) -> tuple[list[str], str]:
        with at(build, monkeypatch) as hub:
            outcome = extract("hub", "--base-model", BASE, "--cards")
            assert outcome.exit_code == 0, outcome
            return [request for request in hub.requests if "README" in request], outcome.stderr

    assert fetched(models) == ([f"GET /{BASE}/resolve/main/README.md", f"GET /{OTHER}/resolve/main/README.md"], "")
    requests, said = fetched(models)
    assert requests == []
    assert said == "Note: cards that the warehouse has already, not fetched again: 2\n"
    known = "select params ->> 'cards_known', params ->> 'cards_found' from raw.extract_runs order by started_at"
    assert query(warehouse_file, known) == [("0", "2"), ("2", "0")]

    def changed(one: HubRepo) -> HubRepo:
        return replace(one, info={**one.info, "sha": "f" * 40}) if one.repo_id == BASE else one

    requests, _ = fetched(replace(models, repos=tuple(map(changed, models.repos))))
    assert requests == [f"GET /{BASE}/resolve/main/README.md"], "a new commit may have a new card"
    assert query(warehouse_file, "select count(body) from raw.hub_model_cards") == [(3,)]


def test_counters_that_cannot_be_true_are_emptied_and_counted(
    models: Build, monkeypatch: pytest.MonkeyPatch, warehouse_file: Path, extract: Command
) -> None:
    odd = {"downloads": 10**13, "likes": -1, "usedStorage": 10**16, "safetensors": {"total": 10**14}}

    def broken(one: HubRepo) -> HubRepo:
        return replace(one, info={**one.info, **odd}) if one.repo_id in {BASE, OTHER} else one

    with at(replace(models, repos=tuple(map(broken, models.repos))), monkeypatch):
        outcome = extract("hub", "--base-model", BASE)
        again = extract("hub", "--base-model", BASE)
    # The base model is asked for its storage too, which listings do not tell.
    assert "; 7 values emptied (run" in outcome.stdout and "; 7 values emptied (run" in again.stdout
    assert "values of likes that are no number from 0 to 1,000,000,000,000, left empty: 2\n" in outcome.stderr
    counters = "select downloads, likes, storage_bytes, parameter_count from raw.hub_models"
    assert query(warehouse_file, f"{counters} where model_id = '{BASE}'") == [(None, None, None, None)] * 2
    [(emptied,), _] = query(warehouse_file, "select params -> 'values_emptied' from raw.extract_runs")
    assert json.loads(emptied) == {"downloads": 2, "likes": 2, "parameter_count": 2, "storage_bytes": 1}


def test_a_long_card_is_cut(hub: MiniHub, warehouse_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("extract.hub.cards.MAX_CARD_BYTES", 4)
    result = crawl_hub(CrawlRequest(base_models=(BASE,)), cards=True)
    assert query(warehouse_file, f"select body from raw.hub_model_cards where model_id = '{BASE}'") == [("# Ba",)]
    assert result.notes == ["cards longer than 4 bytes, cut there: 2"]
