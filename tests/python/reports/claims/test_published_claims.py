"""The seed against the documents, and the audit against the published measurements."""

import csv
import re
from pathlib import Path

import numpy as np
import pytest

from reports.claims.audit import audit
from reports.claims.catalogue import check
from reports.claims.claim import Claim
from reports.claims.columns import Columns
from reports.significance import spread
from tests.python.conftest import published_data
from tests.python.reports.claims.conftest import QWEN, TINYLLAMA, overlaps_table, pair

RELATIONS = {"same": "same", "diff": "different"}


@pytest.fixture(scope="module")
def rows() -> list[dict]:
    """The pairs of both published studies, as the marts give them."""
    folder = published_data()
    with (folder / "hub" / "popular_models_tinyllama.csv").open(newline="", encoding="utf-8") as file:
        popular = {record["model_id"]: record["downloads"] for record in csv.DictReader(file)}
    found = []
    for family, base in (("llama", TINYLLAMA), ("qwen", QWEN)):
        for word, relation in RELATIONS.items():
            file = folder / "overlap" / f"lineage_bottomk_overlap_{family}_{word}_with_downloads.csv"
            found += read(file, base, relation, "original", None)
    return found + read(
        folder / "overlap" / "lineage_bottomk_text_same_llama.csv", TINYLLAMA, "same", "popular", popular
    )


def read(path: Path, base: str, relation: str, study: str, downloads: dict[str, str] | None) -> list[dict]:
    with path.open(newline="", encoding="utf-8") as file:
        records = list(csv.DictReader(file))
    found = []
    for record in records:
        name = record["derived_model_name"]
        count = record["derived_model_downloads"] if downloads is None else downloads.get(name)
        overlap = float(record["avg_overlap_ratio"]) if int(record["num_pairs"]) else None
        found.append(pair(base, name, relation, overlap, int(float(count)) if count else None, study=study))
    return found


@pytest.fixture(scope="module")
def audited(rows: list[dict], claims: dict[str, Claim]) -> dict[str, dict]:
    columns = Columns.of(overlaps_table(rows))
    return {name: audit(claim, columns) for name, claim in claims.items()}


def test_every_claim_can_be_read_and_every_sentence_has_its_rule(claims: dict[str, Claim]) -> None:
    for claim in claims.values():
        check(claim)
        documents = claim.source_documents.split(";")
        assert set(documents) <= {"000", "001", "002", "003"}
        assert ("001" in documents) == ("002" in documents), "002 is 001 in Chinese"
        assert (claim.kind == "sentence") == (claim.comparator == "holds")
        assert claim.kind == "value" or claim.operationalisation
    assert len(claims) > 200


NO_FINDING = re.compile(
    r"""```python.*?```      # code
    |https?://\S+
    |\d\.\d-\d\.\d(?=:)      # labels of ranges
    |(?:Qwen|qwen)\d\.\d|Phi-\d|Sailor2|\d\.\d[bB](?![a-z])|-v?\d\.\d\b|pruned2\.4|2025-12-03_10-36-19
    |^\d\.\s|^\#[^\n]*$|year=\{\d+\}""",
    re.DOTALL | re.MULTILINE | re.VERBOSE,
)


PRINTED = re.compile(
    r"""(?<![\w.])\d+\.\d+%?     # a decimal, perhaps in percent
    |(?<![\w.])\d+%             # a whole percentage
    |(?<=n=)\d+|(?<=\|\ )\d+(?=\ \|)|\d+(?=\ (?:models|invalid))""",
    re.VERBOSE,
)


@pytest.mark.parametrize("document", ["000", "001", "002", "003"])
def test_every_printed_number_of_a_document_is_claimed(document: str, claims: dict[str, Claim]) -> None:
    folder = published_data().parent / "seeds"
    files = sorted(folder.glob(f"{document}_*.txt"))
    if not files:
        pytest.skip(f"document {document} is not at {folder}")
    text = NO_FINDING.sub(" ", files[0].read_text(encoding="utf-8"))
    printed = set(re.findall(PRINTED, text))
    own = [claim for claim in claims.values() if document in claim.source_documents.split(";")]
    numbers = {abs(claim.published_value) for claim in own if claim.published_value is not None}
    bounds = {bound for claim in own for bound in (claim.min_overlap, claim.max_overlap, claim.published_upper)}
    numbers |= bounds - {None}
    missing = {word for word in printed if not any(np.isclose(value(word), number, rtol=1e-9) for number in numbers)}
    assert not missing
    assert len(printed) > 5


GROUPS = {"0-10": "0-10", "10-100": "10-100", "100-1k": "100-1k", ">1k": "over_1k"}


@pytest.mark.parametrize("document", ["001", "002"])
def test_every_cell_of_the_group_tables_is_its_own_claim(document: str, claims: dict[str, Claim]) -> None:
    folder = published_data().parent / "seeds"
    files = sorted(folder.glob(f"{document}_*.txt"))
    if not files:
        pytest.skip(f"document {document} is not at {folder}")
    family, relation, cells = "", "", 0
    for line in files[0].read_text(encoding="utf-8").splitlines():
        if heading := re.match(r"#### (LLama|Qwen) - .*(Same|Different) Family", line):
            family = {"LLama": "tinyllama", "Qwen": "qwen"}[heading[1]]
            relation = heading[2].lower()
        parts = [part.strip() for part in line.strip().strip("|").split("|")]
        if len(parts) != 7 or parts[0] not in GROUPS:
            continue
        for statistic, word in zip(("n", "mean", "median", "sd", "min", "max"), parts[1:], strict=True):
            if word == "-":
                continue
            claim = claims[f"original/{family}/{relation}/{GROUPS[parts[0]]}/{statistic}"]
            assert (claim.published_as, document in claim.source_documents) == (f"= {word}", True)
            cells += 1
    assert cells == 80


def value(word: str) -> float:
    return round(float(word[:-1]) / 100, 8) if word.endswith("%") else float(word)


def test_what_does_not_come_out_is_known(audited: dict[str, dict]) -> None:
    values = {name for name, row in audited.items() if row["kind"] == "value" and row["verdict"] == "not_reproduced"}
    assert values == {"original/qwen/same/all/invalid_rate", "popular/tinyllama/share_below_0.3"}
    bounds = {
        name for name, row in audited.items() if row["kind"] == "inequality" and row["verdict"] == "not_reproduced"
    }
    assert bounds == {
        "original/tinyllama/different/10-100/below_0.01",
        "original/tinyllama/different/100-1k/below_0.01",
        "original/qwen/different/over_1k/below_0.004",
        "original/tinyllama/same/over_1k/between_0.4_and_0.7",
        "original/qwen/same/10-100/between_0.4_and_0.7",
        "original/qwen/same/100-1k/between_0.4_and_0.7",
    }
    numbers = [row for row in audited.values() if row["kind"] == "value" and row["study_id"] == "original"]
    assert len(numbers) == 110
    assert {row["verdict"] for row in numbers} == {"reproduced", "not_reproduced"}


def test_forty_percent_invalid_is_not_reproduced(audited: dict[str, dict]) -> None:
    row = audited["original/qwen/same/all/invalid_rate"]
    assert (row["verdict"], row["n"]) == ("not_reproduced", 136)
    assert row["recomputed_value"] == pytest.approx(33 / 136)
    assert round(row["recomputed_value"], 3) == 0.243


@pytest.mark.parametrize(("family", "base", "p_value"), [("tinyllama", TINYLLAMA, 0.49), ("qwen", QWEN, 0.46)])
def test_the_hypothesis_is_not_reproduced(audited, rows, family, base, p_value) -> None:
    row = audited[f"original/{family}/same/hypothesis"]
    assert row["verdict"] == "not_reproduced"
    assert row["recomputed_value"] == pytest.approx(p_value, abs=0.005)
    pairs = [
        r
        for r in rows
        if (r["study_id"], r["base_model_id"], r["relation"]) == ("original", base, "same") and r["is_valid"]
    ]
    low = [r["overlap_ratio"] for r in pairs if r["derived_downloads"] <= 10]
    higher = [r["overlap_ratio"] for r in pairs if r["derived_downloads"] > 10]
    assert row["recomputed_value"] == spread.brown_forsythe(low, higher).p_value
    assert (row["n"], row["n_versus"]) == (len(low), len(higher))


def test_ratios_of_rounded_means_say_what_the_unrounded_ones_are(audited: dict[str, dict]) -> None:
    for name, unrounded in (
        ("tinyllama/same_to_different/low", 72.26),
        ("qwen/same_to_different/low", 125.81),
        ("tinyllama/same_to_different/high", 111.62),
    ):
        row = audited[f"original/{name}/ratio"]
        assert row["verdict"] == "reproduced"
        assert round(row["recomputed_value"], 2) == unrounded
        assert "only from means rounded to 4 decimals" in row["note"]
        assert f"unrounded it is {unrounded}" in row["note"]
    assert "rounded" not in audited["original/qwen/same_to_different/high/ratio"]["note"]


@pytest.mark.parametrize(
    ("name", "verdict"),
    [
        ("tinyllama/same/rises_with_downloads", "not_reproduced"),
        ("tinyllama/same_vs_different/low/p", "reproduced"),
        ("qwen/same_vs_different/low/p", "reproduced"),
        ("tinyllama/highly_effective", "reproduced"),
        ("qwen/highly_effective", "reproduced"),
        ("tinyllama/same_above_different/high", "not_testable"),
        ("qwen/same_above_different/high", "not_testable"),
        ("tinyllama/same/high_more_stable", "not_testable"),
        ("qwen/different/high_more_stable", "not_testable"),
        ("qwen/same/high_more_stable", "not_reproduced"),
        ("tinyllama/downloads_indicate_quality", "not_reproduced"),
        ("qwen/different/lower_than_tinyllama", "reproduced"),
    ],
)
def test_sentences_get_their_verdict(audited: dict[str, dict], name: str, verdict: str) -> None:
    assert audited[f"original/{name}"]["verdict"] == verdict


def test_the_popular_study_of_tinyllama_comes_out(audited: dict[str, dict]) -> None:
    own = {
        name.removeprefix("popular/tinyllama/"): row for name, row in audited.items() if "popular/tinyllama/" in name
    }
    assert {name for name, row in own.items() if row["verdict"] != "reproduced"} == {
        "share_below_0.3",
        "most_tuned_lightly",
    }
    assert own["share_below_0.3"]["recomputed_value"] == 4 / 28
    assert round(own["spearman"]["recomputed_value"], 2) == -0.16
    assert own["spearman"]["n"] == 28


def test_popular_qwen_waits_for_its_files(audited: dict[str, dict]) -> None:
    own = [row for name, row in audited.items() if name.startswith("popular/qwen/")]
    assert {row["verdict"] for row in own} == {"not_testable"}
    assert all("import-overlap FILE... --study popular" in row["note"] for row in own)
