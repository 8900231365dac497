"""The families as trees, and which of their models are drawn.

A family's tree holds the models whose primary root is its root. Of several parents within the family, the one nearest
to the root is a model's parent in the tree, then the one with the lowest number. A model all of whose parents belong to
other families hangs from the root directly. Edges that are not in the tree are kept apart: they are drawn on demand.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from reports.explore.catalogue import Catalogue, Integers
from reports.network.layout import Forest

MAX_DRAWN: Final = 30_000
"""Models that the picture shows."""
MAX_MEMBERS: Final = 3_000
"""Members of one family that it shows when not all models fit."""


@dataclass(frozen=True)
class Drawing:
    """The models that are drawn, and what is left out.

    ``number`` is each drawn model's number in the catalogue. ``is_attached`` marks models that hang from their root
    without an edge to it. ``others`` holds the drawn edges outside the trees, as rows of child and parent places.
    """

    forest: Forest
    number: Integers
    is_attached: np.ndarray[tuple[int], np.dtype[np.bool_]]
    others: Integers
    family_sizes: Integers
    n_families: int
    n_in_families: int
    n_alone: int


def draw(catalogue: Catalogue, max_drawn: int = MAX_DRAWN, max_members: int = MAX_MEMBERS) -> Drawing:
    """Choose the models to draw: of the largest families, the most downloaded members with all that lead to them.

    When all models of all families fit into ``max_drawn``, all are drawn. Else each family shows at most
    ``max_members``, and families are drawn, the largest first, as long as they fit.
    """
    edges, root, n_models = catalogue.edges, catalogue.root, catalogue.n_models
    numbers = np.arange(n_models)
    size = np.bincount(root[root >= 0], minlength=n_models)
    has_edge = np.zeros(n_models, np.bool_)
    has_edge[edges.parent] = True
    has_edge[edges.child] = True
    in_family = (root >= 0) & ((size[root] > 1) | has_edge)
    parent, is_attached = tree_parents(catalogue)

    # The largest family first, equals by the number of their root.
    roots = np.flatnonzero(in_family & (root == numbers))
    roots = roots[np.argsort(-size[roots], kind="stable")]
    rank = np.full(n_models, len(roots))
    rank[roots] = np.arange(len(roots))

    members = np.flatnonzero(in_family)
    chosen = members
    if len(members) > max_drawn:
        chosen = _most_downloaded(members, parent, rank[root[members]], max_members)
        shown = np.bincount(rank[root[chosen]], minlength=len(roots))
        n_fitting = int(np.searchsorted(np.cumsum(shown), max_drawn, side="right"))
        chosen = chosen[rank[root[chosen]] < n_fitting]
    chosen = chosen[np.lexsort((chosen, root[chosen] != chosen, rank[root[chosen]]))]

    place = np.full(n_models, -1)
    place[chosen] = np.arange(len(chosen))
    up = parent[chosen]
    forest = Forest(np.where(up >= 0, place[up], -1), np.flatnonzero(up < 0))
    in_tree = (parent[edges.child] == edges.parent) & ~is_attached[edges.child]
    others = (place[edges.child] >= 0) & (place[edges.parent] >= 0) & ~in_tree
    return Drawing(
        forest=forest,
        number=chosen,
        is_attached=is_attached[chosen],
        others=np.column_stack([place[edges.child[others]], place[edges.parent[others]]]),
        family_sizes=size[chosen[forest.first]],
        n_families=len(roots),
        n_in_families=len(members),
        n_alone=n_models - len(members),
    )


def tree_parents(catalogue: Catalogue) -> tuple[Integers, np.ndarray[tuple[int], np.dtype[np.bool_]]]:
    """Return the number of each model's parent in its tree (-1 for a root), and which hang from the root by no edge."""
    edges, root, n_models = catalogue.edges, catalogue.root, catalogue.n_models
    numbers = np.arange(n_models)
    depth = np.array([0 if depth is None else depth for depth in catalogue.column("depth")], np.int64)
    within = ~edges.is_cycle_breaker & (root[edges.child] == root[edges.parent]) & (root[edges.child] >= 0)
    child, above = edges.child[within], edges.parent[within]
    order = np.lexsort((above, depth[above], child))
    child, above = child[order], above[order]
    is_first = np.ones(len(child), np.bool_)
    is_first[1:] = child[1:] != child[:-1]
    parent = np.where((root >= 0) & (root != numbers), root, -1)
    is_attached = parent >= 0
    parent[child[is_first]] = above[is_first]
    is_attached[child[is_first]] = False
    return parent, is_attached


def _most_downloaded(members: Integers, parent: Integers, family: Integers, max_members: int) -> Integers:
    """Return up to ``max_members`` of each family: those with the most downloaded model among them and what descends.

    So an ancestor is never left out before its descendants. ``family`` is that of each member.
    """
    depth = np.zeros(len(parent), np.int64)
    above = parent.copy()
    while (above >= 0).any():
        depth[above >= 0] += 1
        above = np.where(above >= 0, parent[above], -1)
    best = np.arange(len(parent))
    for generation in range(int(depth.max(initial=0)), 0, -1):
        places = np.flatnonzero(depth == generation)
        np.minimum.at(best, parent[places], best[places])
    order = np.lexsort((members, depth[members], best[members], family))
    sorted_family = family[order]
    position = np.arange(len(order)) - np.searchsorted(sorted_family, sorted_family)
    return members[order[position < max_members]]
