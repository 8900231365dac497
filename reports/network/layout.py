"""Where the models stand on the pictures of the network: layouts computed once, at build time.

All of them are deterministic: nothing is drawn at random, and where two models could change places, the one that comes
first in the forest goes first. Lengths are in units of a model: two neighbours stand about one unit apart.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.float64]

GOLDEN: Final = (math.sqrt(5) - 1) / 2
AREA: Final = 1.3
"""Area that a model gets within its family; neighbours are then at least about its square root apart."""
FIRST_RING: Final = 1.1
"""Distance between a root and the nearest of its members."""
BETWEEN_GENERATIONS: Final = 0.7
MARGIN: Final = 0.6
"""Free space around a family."""
ROUNDING: Final = 1e-9
"""What a sum of angles may exceed a whole turn by."""
ASPECT: Final = 1.8
"""Width of the pictures with axes, in heights."""


@dataclass(frozen=True)
class Forest:
    """The families as trees. One place in each array for each model, a family's models together, its root first.

    ``parent`` is the place of a model's parent within its family, -1 for a root. ``first`` is the place of each
    family's root; families follow one another in the order in which they are drawn, the largest first.
    """

    parent: Integers
    first: Integers

    @property
    def n_models(self) -> int:
        """Models in all families."""
        return len(self.parent)

    @property
    def sizes(self) -> Integers:
        """Models of each family."""
        return np.diff(np.append(self.first, self.n_models))

    @property
    def family(self) -> Integers:
        """Return the family's number of each model."""
        return np.repeat(np.arange(len(self.first)), self.sizes)

    def depths(self) -> Integers:
        """Return the generations between each model and its root. Raises ValueError for parents that form a cycle."""
        depth = np.zeros(self.n_models, np.int64)
        above = self.parent.copy()
        while (above >= 0).any():
            depth[above >= 0] += 1
            if depth.max() > self.n_models:
                raise ValueError("The parents form a cycle.")
            above = np.where(above >= 0, self.parent[above], -1)
        return depth


@dataclass(frozen=True)
class Spans:
    """The sector of its family's circle that belongs to each model, counted in leaves: where it begins, how wide."""

    start: Numbers
    leaves: Numbers

    @property
    def middle(self) -> Numbers:
        """Return the middle of each sector."""
        return self.start + self.leaves / 2


@dataclass(frozen=True)
class Circles:
    """The circle that each family fills in the radial layout."""

    x: Numbers
    y: Numbers
    radius: Numbers


@dataclass(frozen=True)
class Layout:
    """One point for each model."""

    x: Numbers
    y: Numbers


def spans(forest: Forest, depth: Integers) -> Spans:
    """Divide each family's circle among its leaves, so that the sector of a model lies within that of its parent."""
    leaves = np.zeros(forest.n_models)
    start = np.zeros(forest.n_models)
    by_depth = _by_depth(depth)
    for places in reversed(by_depth):
        leaves[places] = np.maximum(leaves[places], 1)
        up = forest.parent[places]
        np.add.at(leaves, up[up >= 0], leaves[places[up >= 0]])
    for places in by_depth[1:]:
        up = forest.parent[places]
        order = np.argsort(up, kind="stable")
        sorted_up, widths = up[order], leaves[places][order]
        before = np.cumsum(widths) - widths
        of_parent = np.searchsorted(sorted_up, sorted_up)  # the first child of the same parent
        start[places[order]] = start[sorted_up] + before - before[of_parent]
    return Spans(start, leaves)


def radial(forest: Forest) -> tuple[Layout, Circles]:
    """Draw each family around its root, a generation further out than the one before, and pack the families.

    Within a generation, a model's angle is the middle of its sector. Its distance from the root follows the golden
    ratio, which spreads the points evenly over the ring: the points (j, frac(j * golden ratio)) of a lattice stay
    apart however the ring stretches them (Hurwitz's theorem bounds the product of their distances from below).
    """
    depth = forest.depths()
    sectors = spans(forest, depth)
    family = forest.family
    n_families = len(forest.first)
    all_leaves = sectors.leaves[forest.first]
    radius = np.zeros(n_families)
    distance = np.zeros(forest.n_models)
    for generation, places in enumerate(_by_depth(depth)):
        if generation == 0:
            continue
        of = family[places]
        count = np.bincount(of, minlength=n_families)
        inner = np.where(radius > 0, radius + BETWEEN_GENERATIONS, FIRST_RING)
        # A ring as dense as if every sector were taken, yet never much larger than its models need.
        crowd = np.minimum(all_leaves, 3 * count)
        outer = np.sqrt(inner**2 + AREA * np.maximum(crowd - 2 * np.pi * inner / math.sqrt(AREA), 0) / np.pi)
        share = np.floor(sectors.middle[places]) * GOLDEN % 1
        distance[places] = np.sqrt(inner[of] ** 2 + share * (outer[of] ** 2 - inner[of] ** 2))
        radius = np.where(count > 0, outer, radius)
    circles = pack(radius + MARGIN)
    angle = 2 * np.pi * sectors.middle / all_leaves[family] - np.pi / 2
    return Layout(
        circles.x[family] + distance * np.cos(angle),
        circles.y[family] + distance * np.sin(angle),
    ), circles


def pack(radius: Numbers) -> Circles:
    """Place circles without overlap, the largest in the middle, the others in rings around it by falling radius.

    The circles of a ring lie side by side at one distance from the middle. What is left of the ring is divided evenly.
    """
    order = np.argsort(-radius, kind="stable")
    sizes = radius[order]
    x, y = np.zeros(len(radius)), np.zeros(len(radius))
    edge = sizes[0] if len(sizes) else 0.0
    place, ring = 1, 0
    while place < len(sizes):
        distance = edge + sizes[place]
        steps = 2 * np.arcsin(np.minimum((sizes[place:-1] + sizes[place + 1 :]) / (2 * distance), 1))
        # Circles fit while their steps and the one that closes the ring stay within a turn; the first one always does.
        closing = 2 * np.arcsin(np.minimum((sizes[place:] + sizes[place]) / (2 * distance), 1))
        turn = np.concatenate([[0.0], np.cumsum(steps)])
        n_fitting = max(int(np.searchsorted(turn + closing, 2 * np.pi + ROUNDING, side="right")), 1)
        n_fitting = min(n_fitting, len(sizes) - place)
        is_last = place + n_fitting == len(sizes)
        used = turn[n_fitting - 1] + closing[n_fitting - 1]
        spare = 0.0 if is_last or n_fitting == 1 else (2 * np.pi - used) / n_fitting
        angle = turn[:n_fitting] + spare * np.arange(n_fitting) + ring * 2 * np.pi * GOLDEN
        chosen = order[place : place + n_fitting]
        x[chosen], y[chosen] = distance * np.cos(angle), distance * np.sin(angle)
        edge = distance + sizes[place]
        place += n_fitting
        ring += 1
    return Circles(x, y, radius)


def by_time(forest: Forest, month: Numbers) -> Layout:
    """Draw time from left to right and the families as bands below one another; ``month`` may hold NaN.

    Within a band the models lie in the order of their sectors, so that lineages stay together. A model without a date
    stands to the left of all others.
    """
    depth = forest.depths()
    sectors = spans(forest, depth)
    bands = sectors.leaves[forest.first]
    top = np.cumsum(bands) - bands
    y = -(top[forest.family] + sectors.middle)
    height = max(float(bands.sum()), 1.0)
    known = month[~np.isnan(month)]
    low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 0.0)
    width = ASPECT * height
    x = (month - low) / max(high - low, 1.0) * width
    return Layout(np.where(np.isnan(month), -0.04 * width, x), y)


def by_size(column: Integers, n_columns: int, parameters: Numbers) -> Layout:
    """Draw the number of parameters upwards, by powers of ten, and the architectures as columns; NaN lies below.

    Models of one column and nearly one size stand side by side, centred, in the order of the forest. What does not fit
    the column's width is drawn closer together.
    """
    with np.errstate(divide="ignore"):
        size = np.where(parameters > 0, np.log10(np.maximum(parameters, 1)), np.nan)
    known = size[~np.isnan(size)]
    low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)
    n_rows = 120
    row = np.where(np.isnan(size), -8, np.round((size - low) / max(high - low, 1e-9) * n_rows)).astype(np.int64)
    cell = column * 1000 + row + 8
    order = np.argsort(cell, kind="stable")
    sorted_cell = cell[order]
    first = np.searchsorted(sorted_cell, sorted_cell)
    rank = np.empty(len(cell), np.int64)
    rank[order] = np.arange(len(cell)) - first
    count = np.bincount(cell, minlength=int(cell.max(initial=0)) + 1)[cell]
    width = ASPECT * n_rows / max(n_columns, 1)
    step = np.minimum(1.0, 0.86 * width / np.maximum(count, 1))
    x = (column + 0.5) * width + (rank - (count - 1) / 2) * step
    return Layout(x, row.astype(np.float64))


def _by_depth(depth: Integers) -> list[Integers]:
    """Return the places of each generation, in the order of the forest."""
    order = np.argsort(depth, kind="stable")
    return np.split(order, np.cumsum(np.bincount(depth))[:-1]) if len(depth) else []
