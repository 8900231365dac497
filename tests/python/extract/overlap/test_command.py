"""The command ``overlap`` on the miniature Hub, from the command line to the warehouse."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from extract.overlap.child import Child
from extract.overlap.options import Options
from extract.overlap.plan import LISTED, Plan, PlannedModel
from extract.overlap.run import OverlapRun
from minihub.catalogue import ASTER, ASTER_CHAT, BOREALIS
from tests.python.extract.command import Command, assert_refused, query

COPY = "demo-mirror-user/Aster-1M-copy"
ADAPTER = "mini-lora-lena/aster-1m-lora-haiku"
GGUF = "demo-gguf-press/Aster-1M-Chat-GGUF"
FAILING = {
    "demo-broken-upload/Aster-1M-truncated": "corrupt_weights",
    "demo-custom-code/Warp-1M": "remote_code_required",
    "demo-diverged/aster-1m-nan": "non_finite_logits",
    "demo-empty-shelf/Aster-1M-announced": "no_weights",
    "demo-forgetful/Borealis-no-tokenizer": "tokenizer_missing",
    "demo-gatekeeper/Aster-1M-Medical": "gated",
    "demo-pixels/mini-vit": "unsupported_architecture",
    "demo-seq2seq/cedar-mini-t5": "unsupported_architecture",
    "demo-tiny-vocab/aster-letters": "vocabulary_too_small",
    "demo-unknown-shape/Borealis-hyperloop": "unsupported_architecture",
    "demo-vanished/aster-1m-lost": "not_found",
    "mini-old-format/aster-1m-bin": "unsafe_weights",
}
MEASURED = (ASTER_CHAT, COPY, ADAPTER, GGUF, BOREALIS)
ARGUMENTS = (
    "overlap",
    "--base-model",
    ASTER.upper(),
    *(part for model_id in (*MEASURED, *FAILING) for part in ("--derived", model_id)),
    "--bottom-k",
    "128",
)
OVERLAPS = """
    select derived.model_id, avg(len(list_intersect(base.bottom_k, derived.bottom_k)) / 128), avg(derived.js_divergence)
    from raw.fingerprints as derived
    inner join raw.fingerprints as base using (prompt_set_id, prompt_index)
    where base.model_id = ?
    group by derived.model_id
"""
ROWS = "select * exclude (run_id) from raw.fingerprints order by lower(model_id), prompt_set_id, prompt_index"


@pytest.fixture(scope="module")
def finished(minihub_endpoint: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a warehouse and a cache after one run over models of every kind."""
    folder = tmp_path_factory.mktemp("overlap")
    with pytest.MonkeyPatch.context() as patch:
        set_up(patch, folder, minihub_endpoint)
        summary = Options(base_models=(ASTER,), derived=(*MEASURED, *FAILING), bottom_k=128)
        lines: list[str] = []
        result = OverlapRun(summary, lines.append).run()
        assert (result.n_measured, result.n_failed) == (len(MEASURED), len(FAILING))
        assert result.n_done_before == 1, "the base answered its prompts while it wrote them"
        assert any("left]" in line for line in lines)
    return folder


def set_up(patch: pytest.MonkeyPatch, folder: Path, endpoint: str) -> None:
    patch.setenv("MODELKIN_DB", str(folder / "warehouse.duckdb"))
    patch.setenv("MODELKIN_CACHE", str(folder / "cache"))
    patch.setenv("HF_ENDPOINT", endpoint)
    patch.setenv("MODELKIN_ENDPOINT_LABEL", "minihub")


@pytest.fixture
def place(finished: Path, minihub_endpoint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of that folder for one test."""
    folder = tmp_path / "copy"
    shutil.copytree(finished, folder, symlinks=True)
    set_up(monkeypatch, folder, minihub_endpoint)
    yield folder


def forbid_models(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(self: Child) -> None:
        raise AssertionError("a model was to be loaded")

    monkeypatch.setattr(Child, "start", fail)


def rows(folder: Path) -> list[tuple]:
    return query(folder / "warehouse.duckdb", ROWS)


def runs(folder: Path) -> list[tuple]:
    return query(folder / "warehouse.duckdb", "select run_id, source, endpoint, status from raw.extract_runs")


def test_every_model_is_measured_or_has_its_reason(finished: Path) -> None:
    path = finished / "warehouse.duckdb"
    failed = query(path, "select model_id, failure_reason from raw.fingerprints where status = 'failed'")
    assert dict(failed) == FAILING
    assert len(failed) == len(FAILING)
    unclear = (
        "select 1 from raw.fingerprints where status = 'failed' and (prompt_index is not null or failure_detail = '')"
    )
    assert query(path, unclear) == []
    measured = query(
        path,
        "select model_id, count(*), min(len(bottom_k)), max(len(bottom_k)), min(dtype) from raw.fingerprints "
        "where status = 'ok' group by model_id",
    )
    assert sorted(measured) == sorted((model_id, 5, 128, 128, "float32") for model_id in (ASTER, *MEASURED))
    assert [run[1:] for run in runs(finished)] == [("overlap", "minihub", "complete")]


def test_overlaps_tell_relatives_from_strangers(finished: Path) -> None:
    path = finished / "warehouse.duckdb"
    sql = OVERLAPS.replace("?", f"'{ASTER}'")
    found = {model_id: (overlap, divergence) for model_id, overlap, divergence in query(path, sql)}
    assert found[ASTER] == (1.0, 0.0)
    assert found[COPY] == (1.0, 0.0)
    assert found[ASTER_CHAT][0] > 0.6
    assert 0 < found[ASTER_CHAT][1] < 0.2
    assert abs(found[GGUF][0] - found[ASTER_CHAT][0]) < 0.05
    assert found[ADAPTER][0] > 0.4
    assert found[BOREALIS][0] < 0.15
    assert found[BOREALIS][1] is None, "its ids stand for other tokens"


def test_the_form_and_the_digest_of_the_weights_are_told(finished: Path) -> None:
    found = {
        model_id: (form, digest)
        for model_id, form, digest in query(
            finished / "warehouse.duckdb",
            "select model_id, max(weights_format), max(weights_digest) from raw.fingerprints group by model_id",
        )
    }
    assert found[ASTER][0] == "safetensors float32"
    assert found[BOREALIS][0] == "safetensors bfloat16"
    assert found[ADAPTER][0].startswith(f"adapter on {ASTER}@")
    assert found[GGUF][0].startswith("gguf ")
    assert found[COPY][1] == found[ASTER][1] != found[ASTER_CHAT][1]
    assert found["demo-diverged/aster-1m-nan"][1] is not None
    assert found["demo-vanished/aster-1m-lost"] == (None, None)


def test_prompts_carry_their_recipe(finished: Path) -> None:
    prompts = query(
        finished / "warehouse.duckdb",
        "select prompt_set_id, base_model_id, base_sha, prompt_index, text, token_ids, seed, recipe "
        "from raw.overlap_prompts order by prompt_index",
    )
    assert [prompt[3] for prompt in prompts] == [0, 1, 2, 3, 4]
    assert {len(prompt[5]) for prompt in prompts} == {64}
    assert len({prompt[4] for prompt in prompts}) == 5
    recipe = json.loads(prompts[0][7])
    assert recipe["study_id"] == "minihub"
    assert recipe["bottom_k"] == 128
    assert recipe["base_model_id"] == prompts[0][1] == ASTER
    assert prompts[0][0].startswith(f"{ASTER}@{prompts[0][2][:8]}-")


def test_writing_prompts_says_from_the_start_what_is_waited_for(
    minihub_endpoint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, extract: Command
) -> None:
    set_up(monkeypatch, tmp_path, minihub_endpoint)
    outcome = extract("overlap", "--base-model", ASTER, "--derived", COPY, "--bottom-k", "128", "--prompts", "1")
    assert outcome.exit_code == 0, outcome.stderr
    lines = outcome.stderr.splitlines()
    assert lines[:2] == [
        "Writing the prompts of 1 base model.",
        f"Starting the process that loads models, and fetching {ASTER} …",
    ]
    assert f"Prompts 1 of 1: {ASTER} writes them …" in lines


def test_the_same_command_again_loads_no_model_and_writes_nothing(
    place: Path, extract: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    forbid_models(monkeypatch)
    before = rows(place), runs(place)
    outcome = extract(*ARGUMENTS)
    assert outcome.exit_code == 0
    assert "nothing new to write" in outcome.stdout
    assert (rows(place), runs(place)) == before


def test_the_warehouse_alone_remembers_what_was_measured(
    place: Path, extract: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    forbid_models(monkeypatch)
    shutil.rmtree(place / "cache")
    before = rows(place)
    assert "nothing new to write" in extract(*ARGUMENTS).stdout
    assert rows(place) == before


def test_the_cache_alone_fills_another_warehouse(
    place: Path, extract: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    forbid_models(monkeypatch)
    before = rows(place)
    (place / "warehouse.duckdb").unlink()
    outcome = extract(*ARGUMENTS, "--json")
    assert json.loads(outcome.stdout)["n_rows"] == len(before) + 5
    assert rows(place) == before


def test_transient_failures_are_tried_again_and_lasting_ones_on_demand(place: Path, extract: Command) -> None:
    pruned, gated = "demo-prune-works/Aster-1M-pruned30", "demo-gatekeeper/Aster-1M-Medical"
    arguments = (
        "overlap",
        "--base-model",
        ASTER,
        "--derived",
        pruned,
        "--derived",
        gated,
        "--bottom-k",
        "128",
        "--json",
    )
    summary = json.loads(extract(*arguments, "--memory-gb", "0.0001", "--retry", "gated").stdout)
    assert summary["failures"] == {"out_of_memory": 1, "gated": 1}
    assert summary["n_rows"] == 1, "the gated one failed as before"
    [had] = query(place / "warehouse.duckdb", "select distinct memory_limit_bytes from raw.fingerprints order by 1")[:1]
    assert had == (107_374,)
    summary = json.loads(extract(*arguments, "--memory-gb", "0.0001", "--device", "cpu").stdout)
    assert (summary["n_done_before"], summary["run_id"]) == (3, None), "with as little memory it would fail again"
    summary = json.loads(extract(*arguments, "--timeout", "0.001").stdout)
    assert summary["failures"] == {"timeout": 1}
    summary = json.loads(extract(*arguments).stdout)
    assert (summary["n_measured"], summary["n_rows"], summary["n_done_before"]) == (1, 5, 2)


def test_a_plan_says_what_is_left(place: Path, extract: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    forbid_models(monkeypatch)
    before = runs(place)
    done = json.loads(extract(*ARGUMENTS, "--plan", "--json").stdout)
    assert (done["n_bases_to_write"], done["n_to_measure"], done["n_bytes"]) == (0, 0, 0)
    more = json.loads(extract(*ARGUMENTS, "--plan", "--json", "--seed", "1").stdout)
    assert more["n_bases_to_write"] == 1
    assert more["n_to_measure"] == len(MEASURED) + len(FAILING) + 1
    assert more["n_bytes"] > 10_000_000
    assert more["minutes"] > 0
    named = {model["model_id"]: model for model in more["models"]}
    assert named.keys() == {ASTER, *MEASURED, *FAILING}
    foretold = {model_id: model["reason"] for model_id, model in named.items() if model["reason"] is not None}
    only_when_loaded = {"demo-broken-upload/Aster-1M-truncated", "demo-diverged/aster-1m-nan"}
    assert foretold == {model_id: reason for model_id, reason in FAILING.items() if model_id not in only_when_loaded}
    assert more["n_failing"] == len(foretold)
    assert all(model["n_bytes"] > 0 and model["seconds"] > 0 for model in named.values() if model["reason"] is None)
    assert sum(model["n_bytes"] for model in named.values()) == more["n_bytes"]
    lines = extract(*ARGUMENTS, "--plan", "--seed", "1").stdout.splitlines()
    assert "to fetch at most" in lines[0]
    assert any(line.startswith(f"  {COPY}: ") and " MB, about " in line for line in lines)
    assert any(line.startswith("  demo-gatekeeper/Aster-1M-Medical: will fail, gated (") for line in lines)
    assert len(lines) == 1 + len(named)
    assert runs(place) == before


def test_a_plan_goes_by_the_pace_of_earlier_runs(
    place: Path, extract: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    forbid_models(monkeypatch)

    def planned(*more: str) -> tuple[float, str]:
        plan = json.loads(extract(*ARGUMENTS, "--plan", "--json", "--seed", "1", *more).stdout)
        return plan["minutes"], plan["basis"]

    assumed, basis = planned("--device", "cuda")
    assert basis == "by assumed rates, since no run with --device cuda is recorded here"
    assert planned()[1].startswith("at the pace of 1 earlier run with --device auto: 6 models in ")
    with duckdb.connect(str(place / "warehouse.duckdb")) as connection:
        timing = json.dumps({"device": "auto", "timing": {"models": 10, "bytes": 2 * 10**9, "seconds": 1200}})
        connection.execute("update raw.extract_runs set params = ?", [timing])
    minutes, basis = planned()
    assert basis == "at the pace of 1 earlier run with --device auto: 10 models in 1,200 s"
    assert minutes == pytest.approx(10 * assumed, rel=0.1), "2 s a model and 20 MB a second were assumed"


def test_a_long_plan_is_cut_as_text() -> None:
    models = tuple(PlannedModel(f"lab/{kind}-{i}", 1, 1.0, kind) for kind in (None, "gated") for i in range(LISTED + 2))
    lines = Plan(50, 0, len(models), LISTED + 2, 44, 1.0, "as assumed", models).text().splitlines()
    assert len(lines) == 1 + 2 * (LISTED + 1)
    assert lines[LISTED + 1] == lines[-1] == "  and 2 more (--json names all)"


def test_none_of_the_named_models_measured_is_an_error(place: Path, extract: Command) -> None:
    named = ("--derived", "demo-gatekeeper/Aster-1M-Medical", "--derived", "demo-vanished/aster-1m-lost")
    command = ("overlap", "--base-model", ASTER, "--bottom-k", "128", *named)
    outcome = extract(*command)
    assert outcome.exit_code == 1
    assert "nothing new to write" in outcome.stdout
    assert "None of the models named with --derived could be measured (1 gated, 1 not_found)" in outcome.stderr
    assert extract(*command, "--derived", COPY).exit_code == 0


def test_a_base_that_does_not_exist_is_one_sentence(place: Path, extract: Command) -> None:
    before = runs(place)
    assert_refused(extract("overlap", "--base-model", "no/such", "--derived", ASTER), "no/such", "not_found")
    assert runs(place) == before


def test_a_base_without_known_descendants_is_one_sentence(place: Path, extract: Command) -> None:
    assert_refused(extract("overlap", "--base-model", ASTER), ASTER, "extract hub")


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        ((), "--base-model"),
        (("--base-model", "a b"), "a b"),
        (("--base-model", "a/b", "--bottom-k", "0"), "--bottom-k"),
        (("--base-model", "a/b", "--retry", "bad luck"), "bad luck"),
        (("--base-model", "a/b", "--device", "abacus"), "abacus"),
        (("--base-model", "a/b", "--dtype", "int3"), "int3"),
        (("--base-model", "a/b", "--timeout", "0"), "--timeout"),
        (("--base-model", "a/b", "--study", "two words"), "two words"),
        (("--matrix", "no-such-list.txt"), "no-such-list.txt"),
    ],
)
def test_a_wrong_option_is_one_sentence(
    arguments: tuple[str, ...], part: str, extract: Command, warehouse_file: Path
) -> None:
    assert_refused(extract("overlap", *arguments), part, exit_code=2)
    assert not warehouse_file.exists()


def test_descendants_are_found_in_the_warehouse_and_a_matrix_measures_all_on_all(
    place: Path, extract: Command, tmp_path: Path
) -> None:
    assert extract("hub", "--base-model", ASTER).exit_code == 0
    arguments = ("overlap", "--base-model", ASTER, "--bottom-k", "128", "--json")
    planned = json.loads(extract(*arguments, "--plan").stdout)
    assert planned["n_models"] > 12
    assert 0 < planned["n_to_measure"] < planned["n_models"] - 8, "some were measured before"
    models = tmp_path / "models.txt"
    models.write_text(f"# two families\n{ASTER}\n{BOREALIS}\n{ASTER_CHAT}\n")
    summary = json.loads(extract("overlap", "--matrix", str(models), "--bottom-k", "128", "--json").stdout)
    assert summary["n_models"] == 3
    assert summary["n_failed"] == 0
    cells = query(
        place / "warehouse.duckdb",
        f"""
        select count(distinct (model_id, prompt_set_id)) from raw.fingerprints
        where status = 'ok' and model_id in ('{ASTER}', '{BOREALIS}', '{ASTER_CHAT}')
        """,
    )
    assert cells == [(9,)]
