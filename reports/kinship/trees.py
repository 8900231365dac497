"""Find the tree of a family: who was made from whom, and how sure that is.

Distances tell which models are joined by an edge; a distance is what remains if the one is the source of the other.
Which of its models is the root, and so the direction of every edge, is weighed in ``rooting``. Where the evidence is
not enough, the direction is said to be unknown.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from reports.kinship.absence import absence_odds, sibling_odds
from reports.kinship.evidence import (
    FLOOR,
    ZERO_GAP,
    evidence_against,
    explained_by_rounding,
    hub_odds,
)
from reports.kinship.family import Family, Matrix
from reports.kinship.merges import Recipe, find_merges
from reports.kinship.rooting import Rooted, ancestors, rooted_trees

KNOWN: Final = 0.9
"""The chance above which a direction counts as known."""

ABSENT: Final = 0.6
"""The chance above which the root is said to be absent."""

CHANCE_COSINE: Final = 0.03
"""The cosine that independent changes may have by chance; it weighs more, the smaller the parent's own change was."""

LEAST_ALONG: Final = 0.8
MOST_ALONG: Final = 1.35
"""A child has about 1 of its parent's change. Real chains gave 1.0 to 1.2, siblings anything from 0.0 to 18."""

FAINT: Final = 0.05
FAINT_KINDS: Final = ("growth", "date")
"""What tells the direction of an edge and not whether it exists counts so little that distances choose the edges."""

LEAST_GROWTH: Final = 0.3

LIFTED: Final = 0.6
"""How often a parent was right that was chosen over a nearer sibling: about 29 of 48 on the families it was set on."""

CLOSE_CALL: Final = 0.05
CHOSEN: Final = {"dearer": 0.80, "close": 0.87, "clear": 0.97}
"""How often a parent was right on 40 generated families, by how its cost compares with the next one's: of 65 that cost
more (the tree as a whole chose them), 59 that cost about the same, and 264 that cost clearly less."""

SWAPPED: Final = 2.0
"""How much the costs of an edge and its reverse say, as log-odds."""

MERGED: Final = 0.998
"""The chance that a model for which a recipe was found is the merge."""

ROUNDED_PARENT: Final = 0.02


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
    near, costs, against = _costs(family, merges)
    trees = rooted_trees(family, near, costs, hub_odds(family))
    root, parents = trees[0].root, list(trees[0].parents)
    lifted = _lift(family, parents, merges)
    depths = _depths(parents)
    here = _here(family, parents, root, merges)
    places = []
    for model in sorted(range(len(family.names)), key=lambda one: (depths[one], family.names[one])):
        parent, merged, is_absent = parents[model], merges.get(model), bool(here[model] < 1 - ABSENT)
        direction = MERGED if merged is not None else _direction(trees, costs, model, parents)
        places.append(
            Place(
                model=model,
                parent=None if is_absent else parent,
                relation="root" if parent is None else "merge" if merged else "unknown" if is_absent else "child",
                depth=depths[model],
                is_direction_known=direction > KNOWN,
                is_parent_absent=is_absent,
                confidence=float(here[model]) * _confidence(near, model, parent, direction, is_lifted=model in lifted),
                evidence=_evidence(family, model, parent, against, is_merge=merged is not None),
            )
        )
    return Tree(family, root, places, merges)


def _costs(family: Family, merges: dict[int, Recipe]) -> tuple[Matrix, Matrix, dict[str, Matrix]]:
    """Return the costs of edges from row to column: by which edges are chosen, by which trees are, and what is in them.

    They are infinite where there is no edge.
    """
    directed = np.where(np.isfinite(family.as_source), family.as_source, np.nan)
    base = np.log(np.maximum(directed, FLOOR))
    against = evidence_against(family)
    # Of a model and its rounding, which lie equally near, the one that was not rounded is the likelier parent.
    base[explained_by_rounding(family).any(axis=0)] += ROUNDED_PARENT
    near = base + sum(part * (FAINT if name in FAINT_KINDS else 1) for name, part in against.items())
    np.fill_diagonal(near, np.nan)
    _place_merges(family, near, merges)
    costs = near + sum((1 - FAINT) * against[name] for name in FAINT_KINDS)
    near, costs = (np.where(np.isnan(part), np.inf, part) for part in (near, costs))
    return near, costs, against


def _direction(trees: Sequence[Rooted], costs: Matrix, model: int, parents: list[int | None]) -> float:
    """Return the chance that a model descends from its parent; of the root, that it is one.

    It is that of the roots from which it does, times that of the two not being the other way round between the same
    grandparent and children.
    """
    parent = parents[model]
    if parent is None:
        return trees[0].chance
    chance = sum(tree.chance for tree in trees if parent in ancestors(tree.parents, model))
    above = parents[parent]
    if above is None:
        return chance
    with np.errstate(invalid="ignore"):
        odds = costs[above, model] + costs[model, parent] - costs[above, parent] - costs[parent, model]
    return chance if np.isnan(odds) else float(chance / (1 + np.exp(-SWAPPED * np.clip(odds, -30, 30))))


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


def _confidence(costs: Matrix, model: int, parent: int | None, direction: float, *, is_lifted: bool) -> float:
    """Return how sure parent and direction are: the chance of the direction, and how often such a choice was right."""
    if parent is None:
        return direction
    if is_lifted:
        return direction * LIFTED
    others = np.delete(costs[:, model], [parent])
    gap = float(others.min(initial=np.inf) - costs[parent, model])
    return direction * CHOSEN["dearer" if gap < 0 else "close" if gap < CLOSE_CALL else "clear"]


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


def _here(family: Family, parents: list[int | None], root: int, merges: dict[int, Recipe]) -> Matrix:
    """Return of each model the chance that the parent it has in the tree is no sibling whose parent is not here."""
    explained = explained_by_rounding(family)
    chances = np.ones(len(parents))
    children = [model for model, parent in enumerate(parents) if parent == root and model not in merges]
    of_all = absence_odds(family, root, children)
    for model, parent in enumerate(parents):
        if parent is None or model in merges or explained[parent, model] or not family.squared[parent, model] > 0:
            continue
        odds = sibling_odds(family, parent, model)
        if parent == root and of_all is not None:
            odds = max(odds, of_all)
        chances[model] = 1 / (1 + np.exp(np.clip(odds, -30, 30)))
    return chances
