"""One answer for each question: studies of many families, disputed pairs, and the published matrix."""

import csv
from pathlib import Path

import numpy as np

from reports.significance.runner import run_tests
from tests.python.conftest import published_data
from tests.python.reports.significance.consistency import contradiction
from tests.python.reports.significance.test_runner import (
    by_id,
    generated,
    pair,
    results,
    write_marts,
)


def many_families(n_families: int = 185, n_same: int = 6) -> list[dict]:
    """Make families of few same-family pairs that all overlap more, as a matrix of models gives them."""
    rng = np.random.default_rng(4)
    rows = []
    for family in range(n_families):
        for relation, n, least, most in (("same", n_same, 0.2, 0.6), ("different", 40, 0.0, 0.1)):
            overlaps = rng.uniform(least, most, n).tolist()
            rows += [
                pair("many", f"f{family:03}", f"{relation}{i}", relation, (x, None)) for i, x in enumerate(overlaps)
            ]
    return rows


def test_many_families_get_one_answer_and_no_floor_decides_it(warehouse_file: Path) -> None:
    write_marts(warehouse_file, many_families())
    summary = run_tests(warehouse_file)
    rows = results(warehouse_file)
    assert [found for row in rows if (found := contradiction(row))] == []
    assert len({(row["study_id"], row["family_label"], row["test_id"]) for row in rows}) == len(rows)
    asked = [row for row in rows if row["question"] == "same_vs_different" and row["is_primary"]]
    assert {row["verdict"] for row in asked} == {"supported"}
    assert len([row for row in asked if row["n_families"] is None]) == 185
    same = [row for row in rows if row["question"] == "same_vs_different" and row["p_holm_floor"] is not None]
    assert {row["test_name"] for row in same} == {"mann_whitney", "permutation_of_means"}
    assert max(row["p_holm_floor"] for row in same) < 0.05
    (pooled,) = [row for row in asked if row["n_families"] is not None]
    assert (pooled["family_label"], pooled["scope"], pooled["n_families"]) == ("all families", "all", 185)
    assert pooled["ci_low"] < 8 < pooled["ci_high"]
    assert pooled["prediction_low"] <= pooled["ci_low"]
    counted = [row for row in rows if row["verdict"] == "not_testable"]
    assert len(counted) == len({row["question"] for row in counted})
    assert summary.n_untestable == sum(row["effect_size"] for row in counted)
    assert any("Over 185 families, same-family pairs overlap" in line for line in summary.lines())


def test_a_copy_among_different_pairs_is_told_of_and_left_out_beside(warehouse_file: Path) -> None:
    rng = np.random.default_rng(5)
    rows = [
        pair("s", "f", f"{relation}{i}", relation, (float(rng.uniform(low, 2 * low)), 5), is_disputed=False)
        for relation, low in (("same", 0.3), ("different", 0.002))
        for i in range(60)
    ]
    rows.append(pair("s", "f", "reupload", "different", (1.0, 4_886), is_disputed=True))
    write_marts(warehouse_file, rows)
    run_tests(warehouse_file)
    tests = by_id(warehouse_file, "s", "f")
    whole, clean = (tests[f"same_vs_different/{scope}/mann_whitney"] for scope in ("all", "undoubted"))
    assert (whole["n_b"], clean["n_b"]) == (61, 60)
    assert (whole["is_primary"], clean["is_primary"]) == (True, False)
    assert f"Without disputed and suspect pairs: {clean['effect_size']:.4g}" in whole["note"]
    assert tests["identification/undoubted/auc"]["effect_size"] == 1.0 > tests["identification/all/auc"]["effect_size"]
    assert "Disputed and suspect pairs are left out." in clean["note"]


def test_a_study_without_doubts_says_so(warehouse_file: Path) -> None:
    write_marts(warehouse_file, [{**row, "is_suspect": False} for row in generated(n=10)])
    run_tests(warehouse_file)
    tests = by_id(warehouse_file, "made", "alpha")
    assert tests["same_vs_different/all/mann_whitney"]["note"].endswith("No pair of it is disputed or suspect.")
    assert not [name for name in tests if "undoubted" in name]


def test_the_published_matrix_has_one_answer_and_no_row_that_contradicts_itself(warehouse_file: Path) -> None:
    folder = published_data() / "matrix"
    with (folder / "relationship.csv").open(newline="") as file:
        parents = {row["model_id"]: row["base_model"] for row in csv.DictReader(file)}
    with (folder / "overlap_matrix.csv").open(newline="") as file:
        records = list(csv.DictReader(file))

    def root(model: str) -> str:
        seen = {model}
        while (parent := parents.get(model, "NONE")) not in {"NONE", *seen}:
            seen.add(parent)
            model = parent
        return model

    rows = []
    for record in records:
        base = record[""]
        for derived, text in record.items():
            if derived not in {"", base}:
                relation = "same" if root(base) == root(derived) else "different"
                rows.append(pair("matrix", base, derived, relation, (float(text) if text else None, None)))
    write_marts(warehouse_file, rows)
    summary = run_tests(warehouse_file)
    assert [found for row in results(warehouse_file) if (found := contradiction(row))] == []
    (answer,) = [line for line in summary.lines() if "times as much as different-family pairs" in line]
    assert answer.startswith("matrix: supported. Over ")
    assert "of 185 families" in answer
    assert "I² " in answer
