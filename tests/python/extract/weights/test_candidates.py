"""Which models are compared where more are comparable than can be."""

from collections.abc import Sequence

import numpy as np

from extract.weights.candidates import Chooser, Comparable, Model, Pairs
from extract.weights.comparing import Floats

MANY = 40
MODELS: list[Model] = [("run", f"m{number:02}") for number in range(MANY)]


def crowd() -> Comparable:
    return Comparable.of({model: ["a", "b", "c"] for model in MODELS})


def signatures(models: Sequence[Model], blocks: Sequence[str]) -> Floats:
    """Return signatures on a circle, so that the neighbours of a model in the order of names are the nearest."""
    angles = np.array([int(name[1:]) for _, name in models]) * 2 * np.pi / MANY
    return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


def wanted(
    parents: dict[str, list[str]], *, most: int = 4, made: frozenset[tuple[Model, Model]] = frozenset()
) -> Pairs:
    return Chooser(parents, made, signatures, most).wanted_pairs(crowd())


def asked(model: str, parents: dict[str, list[str]], most: int = 4) -> set[str]:
    """Return with whom a model is compared."""
    pairs = wanted(parents, most=most)
    both = [(one[1], two[1]) for one, others in pairs.items() for two in others]
    return {one if two == model else two for one, two in both if model in (one, two)}


def test_all_comparable_models_are_compared_where_they_are_few() -> None:
    pairs = wanted({}, most=MANY - 1)
    assert sum(len(others) for others in pairs.values()) == crowd().n_pairs == MANY * (MANY - 1) // 2


def test_of_many_the_nearest_are_compared() -> None:
    assert asked("m10", {}) == {"m08", "m09", "m11", "m12"}


def test_pairs_grow_with_the_models_and_not_with_their_square() -> None:
    pairs = wanted({})
    assert sum(len(others) for others in pairs.values()) <= 4 * MANY


def test_declared_ancestors_come_first_however_far_they_lie() -> None:
    parents = {"m10": ["m30"], "m30": ["m25"]}
    assert asked("m10", parents, most=2) >= {"m30", "m25"}


def test_a_base_that_others_declare_is_compared_with_those_that_declare_nothing() -> None:
    assert "m35" in asked("m10", {f"m{number}": ["m35"] for number in (20, 21, 22)})


def test_a_model_that_was_compared_often_enough_asks_for_ancestors_alone() -> None:
    made = frozenset((MODELS[10], other) for other in MODELS[30:34])
    pairs = wanted({"m10": ["m25"]}, made=made)
    assert pairs[MODELS[10]] & set(MODELS[13:]) == {MODELS[25]}


def test_models_that_share_one_block_alone_are_not_comparable() -> None:
    shapes = {MODELS[0]: ["a", "b"], MODELS[1]: ["b", "c"], MODELS[2]: ["a", "b", "c"]}
    assert Comparable.of(shapes).n_pairs == 2
    pairs = Chooser({}, frozenset(), signatures).wanted_pairs(Comparable.of(shapes))
    assert pairs == {MODELS[0]: {MODELS[2]}, MODELS[1]: {MODELS[2]}}


def test_a_model_of_one_block_does_not_count_as_less_than_no_pair() -> None:
    shapes = {("r", "lone"): ["x"], ("r", "one"): ["x", "y"], ("r", "other"): ["x", "y"]}
    assert Comparable.of(shapes).n_pairs == 1
