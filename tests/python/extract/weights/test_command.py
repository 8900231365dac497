"""The command ``weights`` on the miniature Hub, from the command line to the warehouse."""

import json
import re
from pathlib import Path

import pytest

import minihub
from extract.weights import run as run_module
from extract.weights.failures import REASONS
from extract.weights.options import Options
from extract.weights.run import WeightsRun
from minihub.catalogue import ASTER, ASTER_CHAT
from tests.python.conftest import ROOT
from tests.python.extract.command import Command, assert_refused, query

COPY = "demo-mirror-user/Aster-1M-copy"
GGUF = "demo-gguf-press/Aster-1M-Chat-GGUF"
TRUNCATED = "demo-broken-upload/Aster-1M-truncated"
BOREALIS = "mini-borealis/Borealis-2L-Base"
FAILING = {
    TRUNCATED: "truncated",
    "demo-gatekeeper/Aster-1M-Medical": "gated",
    "demo-vanished/aster-1m-lost": "not_found",
    "mini-old-format/aster-1m-bin": "unsafe_weights",
    "demo-empty-shelf/Aster-1M-announced": "no_weights",
}
PAIR = """
    select count(*), count(*) filter (one.block_digest = other.block_digest), min(list_cosine_similarity(one.sketch, other.sketch))
    from raw.weight_sketches as one
    inner join raw.weight_sketches as other using (tensor_name, is_probe, block_offset, block_shape)
    where one.model_id = ? and other.model_id = ?
"""  # noqa: E501


@pytest.fixture
def warehouse(warehouse_file: Path, minihub_endpoint: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A warehouse of one test, which has crawled the family of Aster on the miniature Hub."""
    monkeypatch.setenv("HF_ENDPOINT", minihub_endpoint)
    monkeypatch.setenv("MODELKIN_ENDPOINT_LABEL", "minihub")
    return warehouse_file


def pair(path: Path, one: str, other: str) -> tuple[int, int, float]:
    import duckdb

    with duckdb.connect(str(path), read_only=True) as connection:
        [found] = connection.execute(PAIR, [one, other]).fetchall()
    return found


def test_what_is_read_tells_kin_from_strangers_and_is_read_once(warehouse: Path, extract: Command) -> None:
    assert extract("hub", "--base-model", ASTER, "--depth", "3").exit_code == 0
    planned = json.loads(extract("weights", "--plan", "--json", "--min-downloads", "1").stdout)
    assert 0 < planned["n_to_read"] < json.loads(extract("weights", "--plan", "--json").stdout)["n_to_read"]

    done = extract("weights", "--json")
    assert done.exit_code == 0
    summary = json.loads(done.stdout)
    assert summary["n_models"] == summary["n_read"] + summary["n_failed"]
    assert summary["n_read"] > 10
    assert summary["partial"] == {"truncated": 1}
    assert sum(summary["failures"].values()) == summary["n_failed"]
    assert "Reading sketches of" in done.stderr

    n_tensors, n_equal, _ = pair(warehouse, ASTER, COPY)
    assert n_tensors == n_equal > 20
    n_tensors, n_equal, likeness = pair(warehouse, ASTER_CHAT, GGUF)
    assert n_tensors > 20
    assert n_equal < n_tensors, "rounded to half precision"
    assert likeness > 0.999
    failed = query(
        warehouse, "select model_id, failure_reason from raw.weight_files where status = 'failed' order by model_id"
    )
    assert dict(failed).items() >= FAILING.items()
    assert query(warehouse, f"select count(*) > 0 from raw.weight_sketches where model_id = '{TRUNCATED}'") == [(True,)]
    assert query(warehouse, "select source, status from raw.extract_runs order by started_at") == [
        ("hub", "complete"), ("weights", "complete"),
    ]  # fmt: skip

    again = json.loads(extract("weights", "--json").stdout)
    assert (again["n_read"], again["n_failed"], again["n_done_before"]) == (0, 0, summary["n_models"])
    retried = json.loads(extract("weights", "--retry", "gated", "--json").stdout)
    assert (retried["n_failed"], retried["failures"]) == (1, {"gated": 1})


def test_named_models_are_read_without_a_crawl(warehouse: Path, extract: Command) -> None:
    done = extract("weights", "--model", BOREALIS, "--model", BOREALIS.upper())
    assert done.exit_code == 0
    assert re.match(r"1 model: 1 sketched, 0 failed, 0 done before; 26 tensors from [\d.]+ MB", done.stdout)
    assert extract("weights", "--model", BOREALIS).stdout == (
        "1 model: 0 sketched, 0 failed, 1 done before; nothing new to write.\n"
    )
    failed = extract("weights", "--model", "mini-old-format/aster-1m-bin")
    assert failed.exit_code == 1
    assert failed.stderr.splitlines()[-1].startswith(
        "Error: None of the models named with --model could be read (1 unsafe"
    )


def test_an_interrupted_run_keeps_what_is_done_and_resumes(
    warehouse: Path, extract: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    extract("hub", "--base-model", BOREALIS)
    monkeypatch.setattr(run_module, "BATCH_MODELS", 2)
    read = run_module.sketch_model
    n_read = 0

    def sketch_then_interrupt(*arguments: object) -> object:
        nonlocal n_read
        n_read += 1
        if n_read == 4:
            import _thread

            _thread.interrupt_main()
        return read(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(run_module, "sketch_model", sketch_then_interrupt)
    said: list[str] = []
    summary = WeightsRun(Options(threads=1), said.append).run()
    assert summary.is_interrupted
    assert said == ["Interrupted: finishing the models in flight, then writing what is done (again to stop at once)."]
    assert 4 <= summary.n_read + summary.n_failed < summary.n_models
    assert summary.n_left == summary.n_models - summary.n_read - summary.n_failed
    assert len(summary.run_ids) >= 2
    [(n_stored,)] = query(warehouse, "select count(distinct model_id) from raw.weight_files")
    assert n_stored == summary.n_read + summary.n_failed
    rest = WeightsRun(Options(), said.append).run()
    assert rest.n_done_before == n_stored
    assert rest.n_left == 0


def test_a_hub_that_went_away_ends_the_run(
    warehouse: Path, extract: Command, minihub_build: minihub.Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    extract("hub", "--base-model", ASTER)
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setattr(run_module, "LOST_AFTER", 2)
    monkeypatch.setattr("extract.hub.asking.sleep", lambda _: None)
    lost = extract("weights", "--threads", "1")
    assert lost.exit_code == 1
    assert re.search(r"Error: The Hub cannot be reached any more, \d+ models left; run this again", lost.stderr)
    planned = json.loads(extract("weights", "--plan", "--json").stdout)
    assert planned["n_done_before"] == 0, "what could not be reached is tried again"


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (("--threads", "0"), "--threads must be from 1 to 64"),
        (("--limit", "0"), "--limit must be 1 or more"),
        (("--model", "a b"), "is not a model id"),
        (("--model", "a/b", "--base-model", "c/d"), "leave out --base-model"),
        (("--retry", "boredom"), "the reasons are not_found"),
    ],
)
def test_what_makes_no_sense_is_refused(
    arguments: tuple[str, ...], part: str, warehouse: Path, extract: Command
) -> None:
    assert_refused(extract("weights", *arguments), part, exit_code=2)


def test_an_empty_warehouse_says_what_to_do(warehouse: Path, extract: Command) -> None:
    assert_refused(extract("weights"), "The warehouse knows no model", "modelkin extract hub")


def test_every_reason_is_documented_and_no_other() -> None:
    page = (ROOT / "docs" / "weights.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `([a-z_]+)` \|", page, re.MULTILINE)) == set(REASONS)
