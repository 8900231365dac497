"""A bill of materials is valid, says what was measured, and is the same each time."""

import csv
import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from cyclonedx.spdx import is_supported_id

from modelkin.answer.answer import Answer, Ingredient
from modelkin.answer.licences import Licensed
from modelkin.answer.verdicts import Edge, tell
from modelkin.warehouse import connect, load
from reports.bom.document import Facts, bill_of_materials
from reports.bom.writing import _files
from tests.python.conftest import ROOT

CONFIRMED = Edge("lab/base", True, "confirmed", "confirmed", "not_testable", 0.987654)
REFUTED = Edge("lab/other", True, "contradicted", "contradicted", None, 0.99)
UNDECLARED = Edge("lab/base", False, "undeclared", "undeclared", None, 0.9)
FACTS = {
    "x/model": Facts(
        "x/model",
        "a" * 40,
        "mit,llama3",
        {"mit": "MIT"},
        (("task", "text-generation"),),
        (("m.safetensors", "b" * 64),),
    ),
    "lab/base": Facts("lab/base", "c" * 40, "apache-2.0"),
    "lab/other": Facts("lab/other", None, None),
    "lab/older": Facts("lab/older", "d" * 40, "cc-by-nc-4.0"),
}


def answer(*edges: Edge, chain: tuple[Licensed, ...]) -> Answer:
    own = Licensed("x/model", 0, "mit,llama3", True)
    told = tell(edges, is_compared=True)
    return Answer("x/model", None, "2026-01-02T03:04:05Z", told, edges, licences=(own, *chain))


def link(model_id: str, distance: int, *, is_measured: bool = False) -> Licensed:
    return Licensed(model_id, distance, "mit", True, is_measured=is_measured, outcome="kept")


def made(found: Answer, serial: UUID | None = None) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(bill_of_materials(found, FACTS, "1.2.3", serial))
    return document


def properties(component: dict[str, Any]) -> list[tuple[str, str]]:
    return [(entry["name"].removeprefix("modelkin:"), entry["value"]) for entry in component.get("properties", ())]


def ancestors(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    found = document["metadata"]["component"]["pedigree"].get("ancestors", ())
    return {f"{one['group']}/{one['name']}": one for one in found}


def test_it_names_the_model_its_licences_and_its_files() -> None:
    component = made(answer(CONFIRMED, chain=(link("lab/base", 1),)))["metadata"]["component"]
    assert component["type"] == "machine-learning-model"
    assert component["purl"] == f"pkg:huggingface/x/model@{'a' * 40}"
    assert component["licenses"] == [{"license": {"id": "MIT"}}, {"license": {"name": "llama3"}}]
    assert ("licenceVerdict", "kept") in properties(component)
    assert component["components"][0]["hashes"] == [{"alg": "SHA-256", "content": "b" * 64}]
    assert component["hashes"] == component["components"][0]["hashes"]
    assert component["pedigree"]["notes"].startswith("x/model descends from lab/base, as it declares (by its weights")


def test_a_parent_carries_what_was_measured_and_those_above_it_nothing() -> None:
    found = ancestors(made(answer(CONFIRMED, chain=(link("lab/base", 1), link("lab/older", 2)))))
    [identity] = found["lab/base"]["evidence"]["identity"]
    assert (identity["confidence"], identity["methods"][0]["technique"]) == (0.9877, "binary-analysis")
    assert ("byWeights", "confirmed") in properties(found["lab/base"])
    assert "evidence" not in found["lab/older"]
    assert sorted(properties(found["lab/older"])) == [("generations", "2"), ("licenceOutcome", "kept")]
    assert found["lab/older"]["licenses"] == [{"license": {"id": "CC-BY-NC-4.0"}}]


def test_a_declaration_alone_is_no_evidence() -> None:
    found = ancestors(made(answer(Edge("lab/base", True, "not_testable", reason="no."), chain=(link("lab/base", 1),))))
    assert "evidence" not in found["lab/base"]
    assert ("isDeclared", "true") in properties(found["lab/base"])


def test_a_refuted_parent_is_no_ancestor_and_a_measured_one_is() -> None:
    chain = (link("lab/other", 1), link("lab/older", 2), link("lab/base", 1, is_measured=True))
    document = made(answer(REFUTED, UNDECLARED, chain=chain))
    assert list(ancestors(document)) == ["lab/base"]
    assert ("refutedParent", "lab/other") in properties(document["metadata"]["component"])


def test_the_same_answer_gives_the_same_bytes() -> None:
    found = answer(CONFIRMED, chain=(link("lab/base", 1),))
    first = bill_of_materials(found, FACTS, "1.2.3")
    assert first == bill_of_materials(found, FACTS, "1.2.3")
    other = replace(found, merge=(Ingredient("lab/base", 0.7, "linear", 0.01),))
    assert made(other)["serialNumber"] != json.loads(first)["serialNumber"]
    assert json.loads(first)["metadata"]["timestamp"] == "2026-01-02T03:04:05+00:00"
    serial = UUID("12345678-1234-4234-8234-123456789abc")
    assert made(found, serial)["serialNumber"] == f"urn:uuid:{serial}"


def test_what_the_schema_refuses_is_not_written() -> None:
    wrong = {**FACTS, "x/model": replace(FACTS["x/model"], files=(("m.safetensors", "not a digest"),))}
    with pytest.raises(ValueError, match="is not valid"):
        bill_of_materials(answer(CONFIRMED, chain=(link("lab/base", 1),)), wrong, "1.2.3")


def test_every_spdx_id_of_the_seed_is_one() -> None:
    with (ROOT / "seeds" / "license_terms.csv").open(encoding="utf-8", newline="") as file:
        spdx_ids = {row["license"]: row["spdx_id"] for row in csv.DictReader(file)}
    assert {name: one for name, one in spdx_ids.items() if one and not is_supported_id(one)} == {}
    assert spdx_ids["odbl"] == "ODbL-1.0"
    assert spdx_ids["llama3"] == ""


def test_the_digests_are_those_of_the_latest_reading_of_its_commit(tmp_path: Path) -> None:
    path = tmp_path / "w.duckdb"
    sha = "a" * 40
    readings = [(sha, "1"), (sha, "2"), ("e" * 40, "3")]
    for commit, digit in readings:
        with load("weights", params={}, path=path) as run:
            run.add("weight_files", [file_row(run.run_id, commit, f"part-{part}", digit) for part in "ab"])
            run.add("weight_files", [file_row(run.run_id, commit, "no-digest", None)])
    with connect(path, read_only=True) as connection:
        assert _files(connection, Facts("X/model", sha)) == (("part-a", "2" * 64), ("part-b", "2" * 64))
        assert _files(connection, Facts("x/other", sha)) == ()


def file_row(run_id: str, sha: str, name: str, digit: str | None) -> dict[str, Any]:
    return {
        "run_id": run_id, "model_id": "x/model", "sha": sha, "file_name": name, "file_format": "safetensors",
        "size_bytes": 1, "file_digest": digit and digit * 64, "tensor_count": 1, "header": "{}", "bytes_read": 1,
        "seconds": 0.1, "status": "ok",
    }  # fmt: skip
