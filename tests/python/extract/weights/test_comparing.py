"""Comparisons of sketches: the null, kin, and what tells the direction."""

import numpy as np
import pytest
from scipy import stats

from extract.weights.comparing import Block, Sketch, screen
from extract.weights.comparing_pairs import Closeness, Prepared, compare_closely
from extract.weights.rounding import grid_step, half_steps, precision_of
from tests.python import kinship_zoo as zoo

RNG = np.random.default_rng(20)
ROOT = zoo.base(RNG)


def closeness(one: zoo.State, two: zoo.State) -> Closeness:
    return compare_closely(Prepared(zoo.sketch("a", one)), Prepared(zoo.sketch("b", two)))


def test_independent_models_have_uniform_p() -> None:
    sketches = [zoo.sketch(str(seed), zoo.base(np.random.default_rng(seed))) for seed in range(40)]
    pairs = np.triu_indices(len(sketches), 1)
    p_values = screen(sketches, sketches).p_value[pairs]
    assert stats.kstest(p_values, "uniform").pvalue > 0.05
    assert (np.sort(p_values) * len(p_values)).min() > 0.01  # Bonferroni finds no kin among strangers


def test_the_false_discovery_rate_holds_on_generated_hubs() -> None:
    """Of what is called kin at a rate of 10 %, no more than 10 % are strangers, on the mean over Hubs of weak kin."""
    rate, false_shares, found_shares = 0.1, [], []
    for seed in range(12):
        rng = np.random.default_rng([seed, 3])
        roots = [zoo.base(rng) for _ in range(20)]
        states = roots + [zoo.tuned(root, rng, 6.0) for root in roots[:8]]
        one, two = np.triu_indices(len(states), 1)
        is_kin = two - one == len(roots)
        sketches = [zoo.sketch(str(number), state) for number, state in enumerate(states)]
        is_found = stats.false_discovery_control(screen(sketches, sketches).p_value[one, two]) <= rate
        false_shares.append((is_found & ~is_kin).sum() / max(1, is_found.sum()))
        found_shares.append(is_found[is_kin].mean())
    error = np.std(false_shares, ddof=1) / np.sqrt(len(false_shares))
    assert 0 < np.mean(false_shares) <= rate + 2 * error
    assert np.mean(found_shares) > 0.9


def test_kin_are_found_however_heavy_the_change() -> None:
    kin = [zoo.tuned(ROOT, RNG, 1.0), zoo.rounded(ROOT), zoo.pruned(ROOT, 0.5), zoo.halved(ROOT)]
    screened = screen([zoo.sketch("root", ROOT)], [zoo.sketch(str(n), state) for n, state in enumerate(kin)])
    assert (screened.p_value < 1e-12).all()
    assert (screened.correlation > 0.5).all()


def test_vectors_that_start_as_constants_are_no_kinship() -> None:
    one, two = (zoo.sketch(name, zoo.base(np.random.default_rng(seed))) for name, seed in (("a", 1), ("b", 2)))
    screened = screen([one], [two])
    assert screened.n_equal[0, 0] == 0
    assert screened.n_tensors[0, 0] == zoo.LAYERS * len(zoo.SHAPES) + 1


def test_a_tensor_that_is_not_finite_is_left_out() -> None:
    broken = dict(ROOT)
    broken["model.layers.0.mlp.up_proj.weight"] = np.full_like(ROOT["model.layers.0.mlp.up_proj.weight"], np.nan)
    screened = screen([zoo.sketch("root", ROOT)], [zoo.sketch("broken", broken)])
    assert screened.n_tensors[0, 0] == zoo.LAYERS * len(zoo.SHAPES)
    assert screened.n_equal[0, 0] == screened.n_tensors[0, 0]


@pytest.mark.parametrize(
    ("child", "precision"),
    [(zoo.halved(ROOT), "float16"), (zoo.rounded(ROOT), "grid"), (zoo.pruned(ROOT, 0.3), "float32")],
    ids=["recast", "rounded", "pruned"],
)
def test_what_was_rounded_cannot_be_the_source(child: zoo.State, precision: str) -> None:
    found = closeness(ROOT, child)
    assert found.distance is not None
    assert found.distance_as_source is not None
    assert found.other_distance_as_source is not None
    assert found.distance_as_source < 0.02 * found.distance
    assert found.other_distance_as_source > 0.9 * found.distance
    assert found.other_precision == precision


def test_a_change_makes_the_norm_grow_by_its_own() -> None:
    child = zoo.tuned(ROOT, RNG, 0.3)
    there, back = closeness(ROOT, child), closeness(child, ROOT)
    assert there.norm_growth == pytest.approx(1, abs=4 * (there.norm_growth_error or 0))
    assert back.norm_growth == pytest.approx(-(there.norm_growth or 0))
    siblings = closeness(child, zoo.tuned(ROOT, RNG, 0.3))
    assert siblings.norm_growth == pytest.approx(0, abs=4 * (siblings.norm_growth_error or 0))


def test_equal_models_have_no_distance_and_no_growth() -> None:
    found = closeness(ROOT, ROOT)
    assert (found.distance, found.norm_distance, found.norm_growth) == (0, 0, None)
    assert found.n_values_equal == zoo.LAYERS * len(zoo.SHAPES) * 384


def test_squared_distances_of_independent_changes_add_up() -> None:
    one, two = zoo.tuned(ROOT, RNG, 0.2), zoo.tuned(ROOT, RNG, 0.1)
    squares = [closeness(*pair).squared_distance for pair in ((one, two), (ROOT, one), (ROOT, two))]
    assert squares[0] == pytest.approx(squares[1] + squares[2], rel=0.05)


@pytest.mark.parametrize("steps", [7, 127])
def test_a_grid_is_recognised_and_its_step_found(steps: int) -> None:
    values = np.random.default_rng(1).normal(size=512)
    step = float(np.abs(values).max() / steps)
    found = grid_step((np.round(values / step) * step).astype(np.float32))
    assert steps == 7 or found == pytest.approx(step, rel=1e-3)


@pytest.mark.parametrize("dtype", [np.float32, np.float16])
def test_plain_numbers_are_no_grid(dtype: type) -> None:
    values = np.random.default_rng(1).normal(size=512).astype(dtype).astype(np.float32)
    assert grid_step(values) is None


def test_a_quantization_of_gguf_is_named_and_has_its_steps() -> None:
    values = np.linspace(-1, 1, 64, dtype=np.float32)
    block = Block("mlp", 0, "Q8_0", (2, 64), (1, 64), values, "digest")
    half, is_grid = half_steps([block], "Q8_0")
    assert is_grid.all()
    assert half[0] == pytest.approx(1 / 127 / 2, rel=0.01)
    assert precision_of([block]) == "Q8_0"


def test_a_digest_of_a_sketch_is_that_of_its_values() -> None:
    one, two = zoo.sketch("a", ROOT), zoo.sketch("b", ROOT)
    assert one.digest == two.digest
    assert one.digest != zoo.sketch("c", zoo.tuned(ROOT, RNG, 0.01)).digest
    assert Sketch("d", "run", {}).n_layers is None
