"""Tell whether the root of a family is here: if not, the tree hangs the rest on the nearest of its children.

Seen from a true root, the changes of its children have little in common. Seen from one of its children, all others
have the way back to the root in common, which is as long for each pair. And the norm grows from the root to a child
by the whole squared distance, but from a sibling by that of the one change less that of the other.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from reports.kinship.evidence import explained_by_rounding, growth_density
from reports.kinship.family import Family, Matrix
from reports.kinship.rooting import ANGLES_SEEN, density, siblings_density

WAYS_BACK: Final = (0.1, 0.3, 0.5, 0.7, 0.9)
"""With one child alone, these shares of the squared distance are tried as the way back to the root."""

SHARED_SPREAD: Final = 0.05
STRANGE_ANGLES: Final = 0.1
PRIOR: Final = -1.8
"""Log-odds that the root of a family is not here, before anything is known: one in seven."""

BELIEVED: Final = 0.5
"""How far growth is believed: decay while training takes from it, by as much in every child of one recipe."""


def absence_odds(family: Family, root: int, children: Sequence[int]) -> float | None:
    """Return the log-odds that ``root`` is a sibling of its children; None where they tell nothing of it."""
    explained = explained_by_rounding(family)[root]
    squared = family.squared[root]
    plain = [model for model in children if not explained[model] and squared[model] > 0]
    plain = sorted(plain, key=lambda model: (float(squared[model]), model))[:ANGLES_SEEN]
    if not plain:
        return None
    if len(plain) == 1:
        return sibling_odds(family, root, plain[0])
    one, two = np.triu_indices(len(plain), 1)
    places = np.array(plain)
    ones, twos = squared[places[one]], squared[places[two]]
    shared = (ones + twos - family.squared[places[one], places[two]]) / 2
    lengths = np.sqrt(ones * twos)
    is_known = np.isfinite(shared)
    if not is_known.any():
        return None
    shared, lengths = shared[is_known], lengths[is_known]
    way = float(np.median(shared))
    if way <= 0:
        return -20.0
    return PRIOR + BELIEVED * _growth(family, root, plain, way) + _angles(shared / lengths, way / lengths, len(plain))


def sibling_odds(family: Family, one: int, other: int) -> float:
    """Return the log-odds that two models are siblings whose parent is not here, and not parent and child."""
    ways = np.array(WAYS_BACK) * family.squared[one, other]
    return PRIOR + BELIEVED * float(np.log(np.mean([np.exp(_growth(family, one, [other], way)) for way in ways])))


def _growth(family: Family, root: int, children: Sequence[int], way: float) -> float:
    """Return what growth says for a root that lies ``way`` (squared) behind the one that is here."""
    grown, error = (part[root, list(children)] for part in (family.growth, family.growth_error))
    expected = 1 - 2 * np.minimum(way / family.squared[root, list(children)], 1)
    odds = np.log(growth_density(grown, error, expected) / growth_density(grown, error, 1.0))
    return float(np.nan_to_num(odds).sum())


def _angles(cosines: Matrix, expected: Matrix, n_children: int) -> float:
    """Return what the angles between children say for all having one way back in common."""
    common = (1 - STRANGE_ANGLES) * density(cosines - expected, SHARED_SPREAD) + STRANGE_ANGLES / 2
    odds: npt.NDArray[np.float64] = np.log(common / siblings_density(cosines))
    # Each child is in several pairs, which say the same again.
    return float(odds.sum() / max(1, n_children - 1))
