"""Trees, merges and verdicts on a generated zoo whose truth is known."""

from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

import numpy as np
import pytest

from extract.weights.comparing import Sketch
from extract.weights.comparing_pairs import Prepared, compare_closely
from reports.kinship.family import families
from reports.kinship.merges import affine_shares
from reports.kinship.runner import recipe_rows, tree_rows
from reports.kinship.trees import Tree, _depths, find_tree
from reports.kinship.verdicts import judge
from tests.python import kinship_zoo as zoo

ROW = dict[str, Any]


def pairs_of(sketches: list[Sketch], strangers: set[str] = frozenset()) -> list[ROW]:  # type: ignore[assignment]
    """Return rows as marts.fct_weight_kinships has them; kinship itself is given."""
    prepared = {one.model_id: Prepared(one) for one in sketches}
    rows = []
    for one in sorted(prepared):
        for two in sorted(prepared):
            if one < two:
                is_kin = not {one, two} & strangers
                closeness = compare_closely(prepared[one], prepared[two])
                row: ROW = {
                    "model_id": one,
                    "other_model_id": two,
                    "is_kin": is_kin,
                    "correlation": 0.99 if is_kin else 0.0,
                }
                row |= {
                    "embedding_correlation": None,
                    "p_value": 0.0 if is_kin else 0.5,
                    "p_holm": 0.0 if is_kin else 1.0,
                }
                row |= {"n_values": 1, **asdict(closeness)}
                is_same = closeness.distance == 0 and closeness.embedding_distance == 0
                row["change_kind"] = "independent" if not is_kin else "copy" if is_same else "full"
                rows.append(row)
    return rows


def zoo_of(seed: int) -> dict[str, zoo.State]:
    """Return a family with names that say nothing: m00 is the root."""
    rng = np.random.default_rng(seed)
    states = {"m00": zoo.base(rng)}
    for name, parent, size in (
        ("m01", "m00", 0.1), ("m02", "m01", 0.15), ("m03", "m02", 0.1), ("m04", "m01", 0.2), ("m05", "m00", 0.3),
        ("m06", "m00", 0.05),
    ):  # fmt: skip
        states[name] = zoo.tuned(states[parent], rng, size)
    states["m07"] = zoo.halved(states["m02"])
    states["m08"] = zoo.rounded(states["m05"])
    states["m09"] = zoo.pruned(states["m06"], 0.3)
    states["m10"] = dict(states["m05"])
    states["m11"] = zoo.mixed([states["m03"], states["m05"]], [0.7, 0.3])
    states["m12"] = zoo.tuned(states["m11"], rng, 0.1)
    return states


TRUTH = {
    "m00": None, "m01": "m00", "m02": "m01", "m03": "m02", "m04": "m01", "m05": "m00", "m06": "m00", "m07": "m02",
    "m08": "m05", "m09": "m06", "m11": "m03", "m12": "m11",
}  # fmt: skip


@pytest.fixture(scope="module")
def rows() -> list[ROW]:
    return pairs_of([zoo.sketch(name, state) for name, state in zoo_of(7).items()])


@pytest.fixture(scope="module")
def tree(rows: list[ROW]) -> Tree:
    [family] = families(rows)
    return find_tree(family)


def test_the_tree_of_a_family_is_found_with_its_directions(tree: Tree) -> None:
    found = {row["model_id"]: row["parent_model_id"] for row in tree_rows([tree]) if row["copy_of"] is None}
    assert found == TRUTH


def test_a_copy_stands_where_its_original_does(tree: Tree) -> None:
    [copy] = [row for row in tree_rows([tree]) if row["copy_of"] is not None]
    assert (copy["model_id"], copy["copy_of"], copy["relation"], copy["depth"]) == ("m10", "m05", "copy", 1)


def test_the_weights_of_a_merge_are_found(tree: Tree) -> None:
    recipe = {row["parent_model_id"]: row["weight"] for row in recipe_rows([tree])}
    assert recipe == {"m03": pytest.approx(0.7, abs=0.01), "m05": pytest.approx(0.3, abs=0.01)}
    assert all(row["residual"] < 0.05 for row in recipe_rows([tree]))


def test_two_models_without_evidence_have_no_known_direction() -> None:
    rng = np.random.default_rng(3)
    root = zoo.base(rng)
    [family] = families(pairs_of([zoo.sketch("a", root), zoo.sketch("b", zoo.tuned(root, rng, 0.002))]))
    places = find_tree(family).places
    assert [place.is_direction_known for place in places] == [False, False]
    assert all(place.confidence < 0.75 for place in places)


def test_a_date_decides_where_nothing_else_does() -> None:
    rng = np.random.default_rng(3)
    root = zoo.base(rng)
    pairs = pairs_of([zoo.sketch("a", root), zoo.sketch("b", zoo.tuned(root, rng, 0.002))])
    dates = {"a": datetime(2025, 1, 2), "b": datetime(2025, 1, 1)}
    [family] = families(pairs, dates)
    last = find_tree(family).places[-1]
    assert (family.names[last.model], last.is_direction_known, "date" in last.evidence) == ("a", True, True)


def test_a_family_whose_root_is_missing_says_so() -> None:
    rng = np.random.default_rng(4)
    root = zoo.base(rng)
    [family] = families(pairs_of([zoo.sketch(str(n), zoo.tuned(root, rng, 0.3)) for n in range(4)]))
    rows = tree_rows([find_tree(family)])
    assert sum(row["is_parent_absent"] for row in rows) == 3
    assert all(row["parent_model_id"] is None for row in rows)


def test_shares_that_sum_to_one_are_solved_exactly() -> None:
    rng = np.random.default_rng(5)
    parents = rng.normal(size=(3, 100))
    difference = parents - np.array([0.2, 0.5, 0.3]) @ parents
    residuals, shares = affine_shares(difference @ difference.T, [(0, 1, 2)])
    assert shares[0] == pytest.approx([0.2, 0.5, 0.3])
    assert residuals[0] == pytest.approx(0, abs=1e-9)


EDGES = [
    ("m01", "m02", "finetune", "confirmed"),
    ("m00", "m02", "finetune", "nearer_parent"),
    ("m02", "m01", "finetune", "reversed"),
    ("m10", "m08", "quantized", "confirmed"),
    ("m05", "m10", "finetune", "confirmed"),
    ("m05", "m11", "merge", "confirmed"),
    ("zz", "m04", "finetune", "contradicted"),
    ("other", "m04", "finetune", "not_testable"),
]


@pytest.mark.parametrize("edge", EDGES, ids=[f"{child} of {parent}" for parent, child, *_ in EDGES])
def test_each_declared_edge_gets_its_verdict(tree: Tree, rows: list[ROW], edge: tuple[str, str, str, str]) -> None:
    parent, child, relation, verdict = edge
    stranger = rows[0] | {
        "model_id": "m04",
        "other_model_id": "zz",
        "is_kin": False,
        "correlation": 0.001,
        "p_value": 0.4,
        "p_holm": 1.0,
    }
    [row] = [row for row in judge([tree], [*rows, stranger], [(parent, child, relation)], {}) if row["is_declared"]]
    assert row["verdict"] == row["by_weights"] == verdict
    assert row["reason"].endswith(".")
    if verdict in ("nearer_parent", "contradicted"):
        assert row["nearest_model_id"] == TRUTH[child]


def test_a_parent_that_nobody_declares_is_named(tree: Tree, rows: list[ROW]) -> None:
    found = {(row["model_id"], row["parent_model_id"]) for row in judge([tree], rows, [], {})}
    assert ("m02", "m01") in found
    assert ("m10", "m05") in found
    assert {row["verdict"] for row in judge([tree], rows, [], {})} == {"undeclared"}


def test_a_declared_parent_that_lies_nearer_than_the_trees_is_not_called_farther(tree: Tree, rows: list[ROW]) -> None:
    """The tree may take a child for a sibling; the distance that a row shows must not contradict its verdict."""
    places = {tree.family.names[place.model]: place for place in tree.places}
    sibling, child = "m01", "m02"
    moved = replace(places[child], parent=places[sibling].parent, confidence=0.75)
    lifted = replace(tree, places=[moved if place is places[child] else place for place in tree.places])
    declared, *others = [row for row in judge([lifted], rows, [(sibling, child, None)], {}) if row["model_id"] == child]
    assert (declared["verdict"], declared["confidence"]) == ("confirmed", 0.25)
    assert "they may be siblings" in declared["reason"]
    assert others == []


def test_witnesses_that_disagree_are_marked(tree: Tree, rows: list[ROW]) -> None:
    [row] = [row for row in judge([tree], rows, [("m01", "m02", None)], {("m02", "m01"): False}) if row["is_declared"]]
    assert (row["by_weights"], row["by_fingerprint"], row["both_witnesses_disagree"]) == (
        "confirmed",
        "contradicted",
        True,
    )


def test_a_chain_may_be_longer_than_python_recurses() -> None:
    chain: list[int | None] = [None, *range(5_000)]
    assert _depths(chain) == list(range(5_001))
