"""Layouts are the same every time, keep families apart, and break ties by place."""

import numpy as np
import pytest
from scipy.spatial import cKDTree
from scipy.spatial.distance import pdist

from reports.network.layout import ASPECT, Forest, by_size, by_time, pack, radial, spans


def forest_of(parents: list[int]) -> Forest:
    parent = np.array(parents, np.int64)
    return Forest(parent, np.flatnonzero(parent < 0))


def grown(n_families: int, largest: int, seed: int = 7) -> Forest:
    """Families of falling size, whose members descend from a random earlier one."""
    rng = np.random.default_rng(seed)
    parents: list[int] = []
    for number in range(n_families):
        root = len(parents)
        size = max(largest // (number + 1), 2)
        parents.append(-1)
        parents.extend(root + int(rng.integers(0, place) * (rng.random() < 0.5)) for place in range(1, size))
    return forest_of(parents)


FOREST = grown(800, 3_000)


def test_depths_count_generations() -> None:
    assert forest_of([-1, 0, 1, 2, 0, -1, 5]).depths().tolist() == [0, 1, 2, 3, 1, 0, 1]


def test_parents_in_a_cycle_are_an_error() -> None:
    with pytest.raises(ValueError, match="cycle"):
        Forest(np.array([1, 0]), np.array([0])).depths()


def test_sectors_nest_and_follow_the_order() -> None:
    forest = forest_of([-1, 0, 0, 1, 1, 2])
    sectors = spans(forest, forest.depths())
    assert sectors.leaves.tolist() == [3, 2, 1, 1, 1, 1]
    assert sectors.start.tolist() == [0, 0, 2, 0, 1, 2]


def test_sectors_of_siblings_never_share_an_angle() -> None:
    sectors = spans(FOREST, FOREST.depths())
    child = np.flatnonzero(FOREST.parent >= 0)
    up = FOREST.parent[child]
    assert (sectors.start[child] >= sectors.start[up]).all()
    assert (sectors.start[child] + sectors.leaves[child] <= sectors.start[up] + sectors.leaves[up]).all()
    order = np.lexsort((sectors.start[child], up))
    child, up = child[order], up[order]
    same = up[1:] == up[:-1]
    ends = sectors.start[child] + sectors.leaves[child]
    assert (sectors.start[child][1:][same] >= ends[:-1][same]).all()


def test_layouts_are_deterministic() -> None:
    again = Forest(FOREST.parent.copy(), FOREST.first.copy())
    (first, circles), (second, others) = radial(FOREST), radial(again)
    assert first.x.tobytes() == second.x.tobytes()
    assert first.y.tobytes() == second.y.tobytes()
    assert circles.x.tobytes() == others.x.tobytes()


def test_families_do_not_overlap() -> None:
    layout, circles = radial(FOREST)
    centres = np.column_stack([circles.x, circles.y])
    radii = circles.radius
    i, j = np.triu_indices(len(radii), 1)
    assert (pdist(centres) >= radii[i] + radii[j] - 1e-9).all()
    from_centre = np.hypot(layout.x - circles.x[FOREST.family], layout.y - circles.y[FOREST.family])
    assert (from_centre < circles.radius[FOREST.family]).all()


def test_models_stand_apart_and_the_picture_is_full() -> None:
    layout, _ = radial(FOREST)
    points = np.column_stack([layout.x, layout.y])
    nearest = cKDTree(points).query(points, k=2)[0][:, 1]
    assert np.percentile(nearest, 5) > 0.45
    assert nearest.min() > 0.05
    assert FOREST.n_models > 0.15 * np.pi * np.hypot(layout.x, layout.y).max() ** 2


def test_members_lie_further_out_with_each_generation() -> None:
    layout, circles = radial(FOREST)
    depth, family = FOREST.depths(), FOREST.family
    distance = np.hypot(layout.x - circles.x[family], layout.y - circles.y[family])
    for generation in range(1, depth.max() + 1):
        for number in range(20):
            here = distance[(family == number) & (depth == generation)]
            before = distance[(family == number) & (depth == generation - 1)]
            assert not len(here) or here.min() > before.max()


def test_equal_circles_are_packed_in_their_order() -> None:
    circles = pack(np.ones(8))
    assert (circles.x[0], circles.y[0]) == (0, 0)
    assert np.hypot(circles.x, circles.y)[1:7].tolist() == pytest.approx([2.0] * 6)
    assert np.hypot(circles.x[7], circles.y[7]) == pytest.approx(4.0)


@pytest.mark.parametrize("n", [0, 1, 2, 3])
def test_few_circles_are_packed_too(n: int) -> None:
    circles = pack(np.linspace(3, 1, n))
    assert len(circles.x) == n
    assert n < 2 or (pdist(np.column_stack([circles.x, circles.y])) > 1.99).all()


def test_time_runs_to_the_right_and_unknown_dates_stand_apart() -> None:
    forest = forest_of([-1, 0, 0, -1, 3])
    layout = by_time(forest, np.array([0.0, 12.0, 24.0, np.nan, 6.0]))
    assert layout.x[:3].tolist() == [0, pytest.approx(ASPECT * 1.5), pytest.approx(ASPECT * 3)]
    assert layout.x[3] < 0
    assert layout.y.tolist() == [-1, -0.5, -1.5, -2.5, -2.5]


def test_one_date_for_all_is_no_division_by_zero() -> None:
    assert by_time(forest_of([-1, 0]), np.array([5.0, 5.0])).x.tolist() == [0, 0]


def test_sizes_rise_and_equal_ones_stand_side_by_side() -> None:
    layout = by_size(np.array([0, 0, 1, 1]), 2, np.array([1e6, 1e6, 1e9, np.nan]))
    assert layout.y.tolist() == [0, 0, 120, -8]
    assert layout.x[1] - layout.x[0] == pytest.approx(1)
    assert layout.x[2] > layout.x[1]


def test_crowded_sizes_stay_in_their_column() -> None:
    column = np.repeat([0, 1], 5_000)
    layout = by_size(column, 2, np.full(10_000, 7e9))
    assert layout.x[:5_000].max() < ASPECT * 120 / 2 < layout.x[5_000:].min()
    assert len(np.unique(layout.x)) == 10_000


def test_nothing_is_laid_out_without_models() -> None:
    empty = Forest(np.array([], np.int64), np.array([], np.int64))
    layout, circles = radial(empty)
    assert len(layout.x) == len(circles.x) == len(by_time(empty, np.array([])).x) == 0
    assert len(by_size(np.array([], np.int64), 0, np.array([])).x) == 0
