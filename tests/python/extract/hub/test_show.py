"""What is known about one model: from marts, from raw, and from the Hub."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from extract.hub.show import model_type, parents_of
from minihub.server import MiniHub, serving
from modelkin.warehouse import load, utc_now
from tests.python.extract.command import Command, assert_refused
from tests.python.extract.hub.tiny_hub import BASE, OTHER, family

MARTS = """
    create schema marts;
    create table marts.dim_models as select * from (values
        ('Org/Base', 'Org', 'base', null, 1200000, true), ('me/child', 'me', 'finetune', 'Org/Base', 12, true)
    ) as t(model_id, author, model_type, primary_root_id, downloads, is_observed);
    create table marts.fct_lineage_edges as select 'Org/Base' as parent_model_id, 'me/child' as child_model_id,
        'finetune' as relation, 'tag,card' as declared_by;
    create table marts.bridge_model_roots as select 'me/child' as model_id, 'Org/Base' as root_model_id,
        1.0::double as weight, 1 as distance, true as is_primary;
    create table marts.fct_overlaps as select * from (values
        ('demo', 'Org/Base', 'me/child', 'same', 0.5, true, null),
        ('demo', 'Org/Base', 'me/broken', 'same', null, false, 'gated')
    ) as t(study_id, base_model_id, derived_model_id, relation, overlap_ratio, is_valid, invalid_reason);
"""


@pytest.fixture
def raw(warehouse_file: Path) -> Path:
    """A warehouse with raw rows alone."""
    with load("hub") as run:
        run.add(
            "hub_models",
            [
                {"observed_at": utc_now(), "model_id": "Org/Base", "downloads": 1200000, "tags": ["x"]},
                {
                    "observed_at": utc_now(),
                    "model_id": "me/child",
                    "downloads": 12,
                    "tags": ["base_model:Org/Base", "base_model:adapter:Org/Base", *(f"tag-{i}" for i in range(12))],
                    "card_data": '{"base_model": "org/base"}',
                },
            ],
        )
        run.add("hub_edges", [{"source_model_id": "Org/Base", "target_model_id": "you/gguf", "relation": "quantized"}])
        run.add(
            "overlap_results",
            [
                {
                    "study_id": "s",
                    "base_model_id": "Org/Base",
                    "derived_model_id": "me/child",
                    "status": "failed",
                }
            ],
        )
    return warehouse_file


@pytest.fixture
def marts(raw: Path) -> Path:
    """The same with marts, as dbt would leave them."""
    with duckdb.connect(str(raw)) as connection:
        connection.execute(MARTS)
    return raw


def test_from_raw(raw: Path, extract: Command) -> None:
    outcome = extract("show", "ORG/base")
    assert outcome.exit_code == 0, outcome.stderr
    assert outcome.stdout.splitlines()[:2] == ["Org/Base", "  type: base"]
    assert "found in: raw" in outcome.stdout
    assert "downloads: 1,200,000" in outcome.stdout
    assert "me/child (adapter, 12 downloads)" in outcome.stdout
    assert "you/gguf (quantized)" in outcome.stdout
    assert "s: as the base of me/child: invalid (no prompt), relation not declared" in outcome.stdout
    child = extract("show", "me/child").stdout
    assert "Org/Base (adapter; by tag,card)" in child
    assert "and 4 more (-v shows all)" in child
    assert "tag-11" in extract("show", "me/child", "-v").stdout
    assert extract("show", "me/child", "-q").stdout == "me/child: adapter, from Org/Base, 12 downloads\n"
    assert extract("show", "you/gguf", "-q").stdout == "you/gguf: quantized, from Org/Base\n"


def test_from_marts(marts: Path, extract: Command) -> None:
    text = extract("show", "ME/CHILD").stdout
    assert "found in: marts" in text
    assert "type: finetune" in text
    assert "Org/Base (finetune; by tag,card)" in text
    assert "Org/Base (weight 1.00, 1 away)" in text
    assert "demo: measured on Org/Base: 0.5000, same" in text
    base = extract("show", "org/base").stdout
    assert "children (1 finetune):" in base
    assert "demo: as the base of me/broken: invalid (gated), same" in base


def test_as_json(marts: Path, extract: Command) -> None:
    known = json.loads(extract("show", "me/child", "--json").stdout)
    assert known["source"] == "marts"
    assert known["facts"]["downloads"] == 12
    assert known["parents"] == [{"model_id": "Org/Base", "relation": "finetune", "declared_by": "tag,card"}]
    assert "base_model:Org/Base" in known["facts"]["tags"]


def test_an_unknown_model(raw: Path, extract: Command) -> None:
    assert_refused(extract("show", "no/such"), "knows no model no/such; check its name, or ask")
    assert_refused(extract("show", "no such"), "not a model id", exit_code=2)
    assert_refused(extract("show", "a/b", "-v", "-q"), "Choose one", exit_code=2)


@pytest.mark.parametrize("asked", ["Base", "org/bsae", "other/base"])
def test_a_mistyped_model_is_offered_the_nearest_ids(asked: str, raw: Path, extract: Command) -> None:
    assert_refused(extract("show", asked), f"knows no model {asked}; did you mean Org/Base? Else ask the Hub")


def test_the_nearest_ids_of_the_marts_are_the_likest_and_most_downloaded(marts: Path, extract: Command) -> None:
    with duckdb.connect(str(marts)) as connection:
        connection.execute(
            "insert into marts.dim_models (model_id, downloads) "
            "select 'lab' || i || '/Aster-1M', i from range(7) as t(i) union all select 'x/Aster-1M-Chat', 99"
        )
    offered = "lab6/Aster-1M, lab5/Aster-1M, lab4/Aster-1M, lab3/Aster-1M or lab2/Aster-1M"
    assert_refused(extract("show", "Aster-1M"), f"did you mean {offered}?")


def test_children_are_those_who_name_the_model_anywhere(warehouse_file: Path, extract: Command) -> None:
    with load("hub") as run:
        rows = [
            {"model_id": "Org/Base"},
            {"model_id": "by/tag", "tags": ["base_model:other:org/base"]},
            {"model_id": "by/card", "card_data": '{"base_model": "https://huggingface.co/Org/Base/"}'},
            {"model_id": "by/api", "base_models": [{"relation": "merge", "id": "Org/Base"}]},
            {"model_id": "of/another", "tags": ["base_model:org/base-2", "about:org/base"]},
        ]
        run.add("hub_models", [{"observed_at": utc_now(), **row} for row in rows])
    children = json.loads(extract("show", "org/BASE", "--json").stdout)["children"]
    assert {child["model_id"]: child["relation"] for child in children} == {
        "by/tag": None,
        "by/card": None,
        "by/api": "merge",
    }


def test_no_warehouse(warehouse_file: Path, extract: Command) -> None:
    assert_refused(extract("show", "a/b"), "There is no warehouse")
    assert_refused(extract("status"), "There is no warehouse")
    assert not warehouse_file.exists()


def test_the_runs_so_far(raw: Path, extract: Command) -> None:
    with pytest.raises(ValueError, match="broken off"), load("hub", endpoint="tiny", params={"is_partial": True}):
        raise ValueError("broken off")
    file, _, headings, first, second, *_ = extract("status").stdout.splitlines()
    assert "warehouse.duckdb" in file
    assert headings.split()[0] == "Run"
    assert first.split()[3:] == ["hub", "complete", "4"]
    assert second.endswith("tiny; partial; broken off") and "failed" in second


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MiniHub]:
    monkeypatch.setenv("MODELKIN_ENDPOINT_LABEL", "tiny")
    with serving(family(tmp_path / "hub")) as server:
        monkeypatch.setenv("HF_ENDPOINT", server.endpoint)
        yield server


def test_live(hub: MiniHub, warehouse_file: Path, extract: Command) -> None:
    text = extract("show", OTHER, "--live").stdout
    assert "found in: tiny" in text
    assert f"{BASE} (finetune; by tag,api)" in text
    assert_refused(extract("show", "no/such", "--live"), "no model no/such on tiny that you may see")
    assert "renamed from: org/base-old" in extract("show", "org/base-old", "--live").stdout
    assert not warehouse_file.exists()
    with load("hub", endpoint="tiny") as run:
        run.add("hub_models", [{"observed_at": utc_now(), "model_id": OTHER, "hub_id": "0" * 24}])
    replaced = f"replaced: {OTHER} is another repository than the one that was observed under this id"
    assert replaced in extract("show", OTHER, "--live").stdout


@pytest.mark.parametrize(
    ("row", "parents", "expected"),
    [
        ({}, [], "unknown"),
        ({"model_id": "a/b", "tags": []}, [], "base"),
        ({"model_id": "a/b", "tags": ["base_model:A/B"]}, [], "base"),
        ({"model_id": "a/b", "tags": ["base_model:c/d"]}, ["c/d"], "finetune"),
        (
            {"model_id": "a/b", "tags": ["base_model:adapter:c/d", "base_model:C/D", "base_model:quantized:e/f"]},
            ["c/d", "e/f"],
            "quantized",
        ),
        (
            {
                "model_id": "a/b",
                "card_data": '{"base_model": ["c/d", "./local", "e/f"], "base_model_relation": "merge"}',
            },
            ["c/d", "e/f"],
            "merge",
        ),
        ({"model_id": "a/b", "card_data": '{"declared_type": "merged"}'}, [], "merged"),
        ({"model_id": "a/b", "base_models": [{"relation": "adapter", "id": "c/d"}]}, ["c/d"], "adapter"),
    ],
)
def test_parents_and_type(row: dict[str, Any], parents: list[str], expected: str) -> None:
    found = parents_of(row)
    assert [parent["model_id"] for parent in found] == parents
    assert model_type(row, found) == expected
