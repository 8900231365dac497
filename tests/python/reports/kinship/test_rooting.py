"""The root of a family: what tells it, and what is said where nothing does."""

import numpy as np
import pytest

from extract.weights.comparing import Sketch
from reports.kinship.absence import absence_odds, sibling_odds
from reports.kinship.evidence import growth_density
from reports.kinship.family import Family, families
from reports.kinship.rooting import ancestors, angle_odds
from reports.kinship.runner import tree_rows
from reports.kinship.trees import find_tree
from reports.kinship.verdicts import judge
from tests.python import kinship_zoo as zoo
from tests.python.reports.kinship.test_kinship import pairs_of


@pytest.mark.parametrize(
    ("cosine", "says"), [(-0.2, "parent and child"), (0.0, "nothing"), (0.3, "siblings"), (-0.9, "nothing")]
)
def test_the_angle_between_two_edges_tells_siblings_from_a_chain(cosine: float, says: str) -> None:
    odds = angle_odds(cosine)
    assert (odds < -1, abs(odds) < 0.5, odds > 0.5) == tuple(says == one for one in ("parent and child", "nothing", "siblings"))  # fmt: skip  # noqa: E501


def test_a_growth_that_nobody_expects_says_little() -> None:
    growth, error = np.array([1.0, -12.0]), np.array([0.1, 0.1])
    odds = np.log(growth_density(growth, error, 1.0) / growth_density(growth, error, -1.0))
    assert odds[0] > 3
    assert abs(odds[1]) < 0.01


def test_the_ancestors_of_a_model_end_at_the_root() -> None:
    assert ancestors([None, 0, 1, 0], 2) == {0, 1}
    assert ancestors([None, 0, 1, 0], 0) == set()


def _family(seed: int, n_children: int, *, has_root: bool) -> tuple[Family, list[Sketch]]:
    rng = np.random.default_rng(seed)
    root = zoo.base(rng)
    sketches = [zoo.sketch("root", root)] if has_root else []
    sketches += [zoo.sketch(f"child{number}", zoo.tuned(root, rng, 0.2)) for number in range(n_children)]
    [family] = families(pairs_of(sketches))
    return family, sketches


@pytest.mark.parametrize("n_children", [2, 4])
def test_a_root_is_told_from_a_sibling(n_children: int) -> None:
    family, _ = _family(1, n_children, has_root=True)
    root, children = family.index("root"), [family.index(f"child{number}") for number in range(n_children)]
    odds = absence_odds(family, root, children)
    assert odds is not None
    assert odds < -1
    to_root, to_sibling = (sibling_odds(family, one, children[1]) for one in (root, children[0]))
    assert to_root < -1
    assert to_sibling > to_root + 0.5
    without, _ = _family(1, n_children + 1, has_root=False)
    odds = absence_odds(without, 0, list(range(1, n_children + 1)))
    assert odds is not None
    assert odds > 0


def test_an_edge_without_a_direction_is_kinship_and_no_parenthood() -> None:
    rng = np.random.default_rng(3)
    root = zoo.base(rng)
    pairs = pairs_of([zoo.sketch("a", root), zoo.sketch("b", zoo.tuned(root, rng, 0.002))])
    tree = find_tree(families(pairs)[0])
    assert not any(row["is_direction_known"] for row in tree_rows([tree]))
    for parent, child in (("a", "b"), ("b", "a")):
        [row] = judge([tree], pairs, [(parent, child, "finetune")], {})
        assert row["verdict"] == "confirmed"
        assert "the weights do not tell which came first" in row["reason"]
