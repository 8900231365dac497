"""Find the tree of a family: who was made from whom, and how sure that is.

The tree is the minimum spanning arborescence (Edmonds, from networkx) over costs that have a direction. A cost is the
logarithm of the distance that remains if the one is the source of the other, plus what speaks against the direction.
Where changes are independent, squared distances add up along the tree, so the shortest edges are those of the tree.
Which of its models is the root only the directed part tells.
"""

from dataclasses import dataclass
from typing import Final

import networkx as nx  # type: ignore[import-untyped]
import numpy as np

from reports.kinship.evidence import (
    AGAINST,
    FLOOR,
    GROWTH_SPREAD,
    ZERO_GAP,
    evidence_against,
    explained_by_rounding,
    hub_odds,
)
from reports.kinship.family import Family, Matrix
from reports.kinship.merges import Recipe, find_merges

NEAREST: Final = 12
"""How many of the nearest models are considered as parents."""

KNOWN: Final = 1.0
"""Log-odds above which a direction counts as known: about 3 to 1."""

SIBLING_GROWTH: Final = 0.5
SURE: Final = 2.0
"""Standard errors by which growth must fall short of what a child shows, for its parent to count as absent."""

CHANCE_COSINE: Final = 0.03
"""The cosine that independent changes may have by chance; it weighs more, the smaller the parent's own change was."""

LEAST_ALONG: Final = 0.8
MOST_ALONG: Final = 1.35
"""A child has about 1 of its parent's change. Real chains gave 1.0 to 1.2, siblings anything from 0.0 to 18."""

TURNED: Final = 24.0
"""No edge speaks louder for its direction."""

FAINT: Final = 0.05
FAINT_KINDS: Final = ("growth", "date")
"""What tells the direction of an edge and not whether it exists counts so little that distances choose the edges."""

LEAST_GROWTH: Final = 0.3

LIFTED: Final = 0.4
"""How often a parent was right that was chosen over a nearer sibling: 10 of 27 on generated families."""

CLOSE_CALL: Final = 0.05
CHOSEN: Final = {"dearer": 0.80, "close": 0.87, "clear": 0.97}
"""How often a parent was right on 40 generated families, by how its cost compares with the next one's: of 65 that cost
more (the tree as a whole chose them), 59 that cost about the same, and 264 that cost clearly less."""

ROUNDED_PARENT: Final = 0.02

OTHER_ROOT: Final = 1e4


@dataclass(frozen=True)
class Place:
    """Where one model stands in the tree."""

    model: int
    parent: int | None
    relation: str
    depth: int
    is_direction_known: bool
    is_parent_absent: bool
    confidence: float
    evidence: tuple[str, ...]


@dataclass(frozen=True)
class Tree:
    """The tree of a family: the place of each model, the root's first, and the merges that were recognised."""

    family: Family
    root: int
    places: list[Place]
    merges: dict[int, Recipe]


def find_tree(family: Family) -> Tree:
    """Return the tree of a family of at least one model."""
    merges = find_merges(family)
    costs, against = _costs(family, merges)
    hubs = hub_odds(family)
    parents, root = _arborescence(costs, hubs, family)
    lifted = _lift(family, parents, merges)
    depths = _depths(parents)
    rooted = _rooting(parents, costs, against, hubs)
    absent = _absent(family, parents, root, merges)
    places = []
    for model in sorted(range(len(family.names)), key=lambda one: (depths[one], family.names[one])):
        parent = parents[model]
        odds = rooted[root] - rooted[model] if parent is not None else _margin(rooted, root)
        merged = merges.get(model)
        is_absent = model in absent
        is_known = bool(odds > KNOWN) or merged is not None
        evidence = _evidence(family, model, parent, against, is_merge=merged is not None)
        relation = "root" if parent is None else "merge" if merged else "unknown" if is_absent else "child"
        places.append(
            Place(
                model=model,
                parent=None if is_absent else parent,
                relation=relation,
                depth=depths[model],
                is_direction_known=is_known,
                is_parent_absent=is_absent,
                confidence=_confidence(
                    costs, model, parent, odds if merged is None else AGAINST, is_lifted=model in lifted
                ),
                evidence=evidence,
            )
        )
    return Tree(family, root, places, merges)


def _costs(family: Family, merges: dict[int, Recipe]) -> tuple[Matrix, dict[str, Matrix]]:
    """Return the cost of each edge from row to column, infinite where there is none, and its parts by name."""
    directed = np.where(np.isfinite(family.as_source), family.as_source, np.nan)
    base = np.log(np.maximum(directed, FLOOR))
    against = evidence_against(family)
    costs = base + sum(part * (FAINT if name in FAINT_KINDS else 1) for name, part in against.items())
    # Of a model and its rounding, which lie equally near, the one that was not rounded is the likelier parent.
    costs[explained_by_rounding(family).any(axis=0)] += ROUNDED_PARENT
    np.fill_diagonal(costs, np.nan)
    _place_merges(family, costs, merges)
    return np.where(np.isnan(costs), np.inf, costs), against


def _holds_change(family: Family, model: int, parent: int, parents: list[int | None]) -> bool:
    """Return whether a model holds the change from each ancestor of its parent to that parent once."""
    squared = family.squared
    ancestor = parents[parent]
    while ancestor is not None:
        if not _holds_once(squared, ancestor, parent, model):
            return False
        ancestor = parents[ancestor]
    return True


def _holds_once(squared: Matrix, ancestor: int, parent: int, model: int) -> bool:
    """Return whether the way from an ancestor to a model goes along all of that to its parent, and once."""
    change = squared[ancestor, parent]
    if not change > 0 or np.isnan(squared[ancestor, model]):
        return True
    along = (squared[ancestor, model] + change - squared[parent, model]) / (2 * change)
    leeway = CHANCE_COSINE * float(np.sqrt(squared[parent, model] / change))
    return bool(min(LEAST_ALONG, 1 - leeway) <= along <= max(MOST_ALONG, 1 + leeway))


def _place_merges(family: Family, costs: Matrix, merges: dict[int, Recipe]) -> None:
    """Leave of the edges of merges those that a merge can have: from its heaviest parent, and to its descendants.

    A merge lies between its parents, and so nearer to each of them than they are to each other. What descends from a
    merge holds, seen from each parent, the whole way to the merge; nothing else does.
    """
    n = len(costs)
    group = np.full(n, -1)
    for model in range(n):
        if model in merges:
            continue
        holders = [merge for merge, recipe in merges.items() if _descends(family, model, merge, recipe)]
        group[model] = min(holders, key=lambda merge: float(np.nan_to_num(costs[merge, model], nan=np.inf)), default=-1)
    for model in range(n):
        if model in merges:
            keep = np.arange(n) == merges[model].heaviest
        else:
            keep = group == group[model]
            keep[list(merges)] = False
            if group[model] >= 0:
                keep[group[model]] = True
        costs[~keep, model] = np.nan


def _descends(family: Family, model: int, merge: int, recipe: Recipe) -> bool:
    squared = family.squared
    if model in recipe.parents or model == recipe.base or np.isnan(squared[merge, model]):
        return False
    # The origin of the parents lies across from the middle of the way between them, too, but has the shorter norm.
    grows = np.nan_to_num(family.growth[merge, model], nan=1.0) > LEAST_GROWTH
    grows = grows or explained_by_rounding(family, merge, model)
    return bool(grows) and all(_holds_once(squared, parent, merge, model) for parent in recipe.parents)


def _lift(family: Family, parents: list[int | None], merges: dict[int, Recipe]) -> set[int]:
    """Hang models that lie near a sibling, for what their changes have in common, on the sibling's parent.

    A child holds all of its parent's change: seen from the grandparent, it lies exactly once the parent's change along
    it. A sibling lies any other multiple along it. Returns the models that were moved.
    """
    lifted: set[int] = set()
    explained = explained_by_rounding(family)
    for model in range(len(parents)):
        for _ in range(len(parents)):
            parent = parents[model]
            above = None if parent is None else parents[parent]
            if parent is None or above is None or model in merges or explained[parent, model]:
                break
            if explained[above, parent] or family.is_rounded[parent] or _holds_change(family, model, parent, parents):
                break
            parents[model] = above
            lifted.add(model)
    return lifted


def _arborescence(costs: Matrix, hubs: Matrix, family: Family) -> tuple[list[int | None], int]:
    """Return the parent of each model and the root, by Edmonds' algorithm over each model's cheapest edges."""
    n = len(costs)
    graph = nx.DiGraph()
    lowest = float(costs[np.isfinite(costs)].min(initial=0))
    for model in range(n):
        for parent in np.argsort(costs[:, model], kind="stable")[:NEAREST]:
            if np.isfinite(costs[parent, model]):
                graph.add_edge(int(parent), model, weight=costs[parent, model] - lowest)
    both = np.minimum(costs, costs.T)
    undirected = nx.Graph()
    undirected.add_nodes_from(range(n))
    rows, columns = np.nonzero(np.isfinite(both))
    undirected.add_weighted_edges_from(
        (int(i), int(j), both[i, j]) for i, j in zip(rows, columns, strict=True) if i < j
    )
    for i, j in nx.minimum_spanning_edges(undirected, data=False):
        for one, two in ((i, j), (j, i)):
            if np.isfinite(costs[one, two]):
                graph.add_edge(one, two, weight=costs[one, two] - lowest)
    for model in range(n):
        graph.add_edge(-1, model, weight=OTHER_ROOT - FAINT * hubs[model])
    tree = nx.minimum_spanning_arborescence(graph, preserve_attrs=False)
    parents: list[int | None] = [None] * n
    for parent, model in tree.edges:
        parents[model] = None if parent == -1 else parent
    roots = [model for model, parent in enumerate(parents) if parent is None]
    return parents, min(roots, key=lambda model: family.names[model])


def _from_the_root(parents: list[int | None]) -> list[int]:
    """Return the models in an order in which each comes after its parent."""
    children: dict[int | None, list[int]] = {}
    for model, parent in enumerate(parents):
        children.setdefault(parent, []).append(model)
    order = list(children.get(None, []))
    for model in order:
        order += children.get(model, [])
    return order


def _depths(parents: list[int | None]) -> list[int]:
    depths = [0] * len(parents)
    for model in _from_the_root(parents):
        parent = parents[model]
        depths[model] = 0 if parent is None else depths[parent] + 1
    return depths


def _rooting(parents: list[int | None], costs: Matrix, against: dict[str, Matrix], hubs: Matrix) -> Matrix:
    """Return the log-odds of each model being the root, if the edges stay and only their directions change.

    Turning the edges between the root and a model around costs what each speaks for its direction.
    """
    costs = costs + sum((1 - FAINT) * against[name] for name in FAINT_KINDS)
    odds = np.zeros(len(parents))
    for model in _from_the_root(parents):
        parent = parents[model]
        if parent is not None:
            there, back = costs[parent, model], costs[model, parent]
            turned = float(back - there) if np.isfinite(there) and np.isfinite(back) else TURNED
            odds[model] = odds[parent] - min(turned, TURNED)
    return np.asarray(odds + hubs)


def _margin(rooted: Matrix, root: int) -> float:
    others = np.delete(rooted, root)
    return float(rooted[root] - others.max()) if others.size else 0.0


def _confidence(costs: Matrix, model: int, parent: int | None, odds: float, *, is_lifted: bool) -> float:
    """Return how sure parent and direction are: the odds of the direction, and how often such a choice was right."""
    direction = 1 / (1 + np.exp(-max(odds, -30.0)))
    if parent is None:
        return float(direction)
    if is_lifted:
        return float(direction * LIFTED)
    others = np.delete(costs[:, model], [parent])
    gap = float(others.min(initial=np.inf) - costs[parent, model])
    choice = CHOSEN["dearer" if gap < 0 else "close" if gap < CLOSE_CALL else "clear"]
    return float(direction * choice)


def _evidence(
    family: Family, model: int, parent: int | None, against: dict[str, Matrix], *, is_merge: bool
) -> tuple[str, ...]:
    if is_merge:
        return ("merge",)
    if parent is None:
        return ("siblings",)
    found = [name for name, parts in against.items() if parts[model, parent] - parts[parent, model] > 0.5]
    if explained_by_rounding(family, parent, model):
        found.append("precision" if not family.facts["share_zero"][model] > ZERO_GAP else "zeros")
    return ("distance", *dict.fromkeys(found))


def _absent(family: Family, parents: list[int | None], root: int, merges: dict[int, Recipe]) -> set[int]:
    """Return the models whose parent is likely not here: the root's growth to them is that between siblings.

    Of two siblings with changes of one size neither is longer; with a third one, what two have in common, seen from
    the first, is the first one's own change. Both figures have to say so, where both are known.
    """
    children = [model for model, parent in enumerate(parents) if parent == root and model not in merges]
    explained = explained_by_rounding(family)
    plain = [model for model in children if not explained[root, model]]
    if not plain:
        return set()
    growth, error = family.growth[root, plain], family.growth_error[root, plain]
    if np.isnan(growth).any():
        return set()
    weights = 1 / (error**2 + GROWTH_SPREAD**2 / 4)
    mean = float((growth * weights).sum() / weights.sum())
    spread = float(1 / np.sqrt(weights.sum()))
    is_sibling = mean + SURE * spread < SIBLING_GROWTH + 0.25 and mean - SURE * spread > -1
    if len(plain) >= 2:
        shared = []
        for number, one in enumerate(plain):
            for two in plain[number + 1 :]:
                common = (family.squared[root, one] + family.squared[root, two] - family.squared[one, two]) / 2
                shared.append(common / min(family.squared[root, one], family.squared[root, two]))
        is_sibling = is_sibling and float(np.nanmedian(shared)) > 0.15
    return set(plain) if is_sibling else set()
