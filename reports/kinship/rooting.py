"""Tell the root of a family, and so the direction of every edge, by weighing all evidence in one likelihood.

Where changes are independent, squared distances add up along the tree, so distances tell which models are joined by an
edge. They do not tell which model is the root: every model of the tree could be. So the likeliest are tried one by one.
Each has its own best tree (the minimum spanning arborescence from it: Edmonds' algorithm, from networkx), and what that
tree means is weighed: the lengths of its edges; what precision, zeros, shapes, dates and growth say of the direction of
each; how many steps the models lie from the root; and the angles between edges that meet.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import networkx as nx  # type: ignore[import-untyped]
import numpy as np

from reports.kinship.family import Family, Matrix

Parents = list[int | None]

NEAREST: Final = 12
"""How many of the nearest models are considered as parents."""

ROOTS_TRIED: Final = 12
OTHER_ROOT: Final = 1e4
NARROW: Final = 0.04
"""How far the cosines of independent changes stray from 0."""

ANGLES_SEEN: Final = 8
"""Of a model with more neighbours, the angles to the nearest ones are weighed."""

TEMPER: Final = 0.8
"""How far the sum of all evidence is believed: the parts are not independent, and one training may mislead several."""


@dataclass(frozen=True)
class Rooted:
    """The best tree of a family for one root, and the chance of that root."""

    root: int
    parents: Parents
    chance: float


def rooted_trees(family: Family, near: Matrix, costs: Matrix, hubs: Matrix) -> list[Rooted]:
    """Return the trees of the likeliest roots, the likeliest first.

    ``near`` are the costs of edges from row to column by which edges are chosen, ``costs`` those by which a whole tree
    is weighed, with all that tells directions; both are infinite where there is no edge. ``hubs`` are log-odds of
    models being the root for how others lie around them.
    """
    finite = np.where(np.isfinite(costs), costs, np.nan)
    with np.errstate(invalid="ignore"):
        # A root has many that are made from it rather than the other way round.
        turned = np.nan_to_num(finite.T - finite, nan=0.0).clip(-6, 6).sum(axis=1)
    tried = np.argsort(-(turned + hubs), kind="stable")[:ROOTS_TRIED]
    tried = np.unique([*tried.tolist(), *np.argsort(-hubs, kind="stable")[:ROOTS_TRIED].tolist()])
    found: list[tuple[int, Parents]] = []
    odds: list[float] = []
    for root in tried.tolist():
        parents = _tree(near, root)
        if parents is not None:
            found.append((root, parents))
            odds.append(_odds(family, parents, costs) + float(hubs[root]))
    chances = np.exp(TEMPER * (np.array(odds) - max(odds)))
    chances /= chances.sum()
    order = sorted(range(len(found)), key=lambda one: (-chances[one], family.names[found[one][0]]))
    return [Rooted(*found[one], float(chances[one])) for one in order]


def ancestors(parents: Parents, model: int) -> set[int]:
    """Return the ancestors of a model in a tree."""
    found: set[int] = set()
    parent = parents[model]
    while parent is not None:
        found.add(parent)
        parent = parents[parent]
    return found


def _tree(near: Matrix, root: int) -> Parents | None:
    """Return the parent of each model in the best tree from a root, or None where there is none."""
    n = len(near)
    lowest = float(near[np.isfinite(near)].min(initial=0))
    graph = nx.DiGraph()
    graph.add_nodes_from(range(n))
    for model in range(n):
        if model != root:
            order = np.argsort(near[:, model], kind="stable")[:NEAREST]
            for parent in {*order.tolist(), root}:
                cost = near[parent, model]
                # From the root there is a way to each model, so that there is a tree.
                graph.add_edge(parent, model, weight=cost - lowest if np.isfinite(cost) else OTHER_ROOT)
    graph.remove_edges_from([(model, model) for model in range(n)])
    tree = nx.minimum_spanning_arborescence(graph, preserve_attrs=False)
    parents: Parents = [None] * n
    for parent, model in tree.edges:
        parents[model] = parent
    return parents


def _odds(family: Family, parents: Parents, costs: Matrix) -> float:
    """Return the log-odds of a tree, up to what is common to all trees of the family."""
    children: list[list[int]] = [[] for _ in parents]
    total = 0.0
    for model, parent in enumerate(parents):
        if parent is not None:
            children[parent].append(model)
            cost = costs[parent, model]
            total -= float(cost) if np.isfinite(cost) else OTHER_ROOT
    return total + sum(_angles(family, model, parents[model], held) for model, held in enumerate(children))


def angle_odds(cosine: float) -> float:
    """Return the log-odds that two edges which meet at a model lead to two children, and not to parent and child.

    Changes that start at one model have a part in common or none: their cosine is seldom below 0. The way back
    to a parent and the way on to a child have no such part: their cosine is seldom above 0.
    """
    below, above = (-0.4 < cosine < 0) / 0.4, (0 < cosine < 0.6) / 0.6
    chain = 0.5 * density(cosine, NARROW) + 0.3 * below + 0.15 * above + 0.025
    return float(np.log(siblings_density(cosine) / chain))


def siblings_density(cosine: Matrix | float) -> Matrix:
    """Return the density of the cosine between the changes of two siblings."""
    cosine = np.asarray(cosine, np.float64)
    return np.asarray(0.5 * density(cosine, NARROW) + 0.45 * ((cosine > 0) & (cosine < 0.6)) / 0.6 + 0.025)


def density(values: Matrix | float, spread: float) -> Matrix:
    """Return the density of a normal distribution around 0."""
    return np.asarray(np.exp(-((np.asarray(values) / spread) ** 2) / 2) / (spread * np.sqrt(2 * np.pi)))


def _angles(family: Family, model: int, parent: int | None, children: Sequence[int]) -> float:
    """Return what the angles between the edges of a model say for its parent being none of its children."""
    squared = family.squared
    others = sorted(children, key=lambda other: (float(squared[model, other]), other))[:ANGLES_SEEN]
    around = [*others, *([] if parent is None else [parent])]
    total, n = 0.0, len(around)
    for number, one in enumerate(around):
        for two in around[number + 1 :]:
            lengths = squared[model, one] * squared[model, two]
            if lengths > 0 and np.isfinite(squared[one, two]):
                cosine = (squared[model, one] + squared[model, two] - squared[one, two]) / (2 * np.sqrt(lengths))
                total += angle_odds(float(cosine)) * (-0.5 if two == parent else 0.5)
    # With many neighbours each is in many pairs, which say the same again.
    return total / max(1, n - 1)
