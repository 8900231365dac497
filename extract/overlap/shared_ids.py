"""What two bottom-k sets have in common, counted for many sets against one: pure functions on arrays.

An id that both sets hold lies at some place in each. It is shared at every k that is greater than both
places, since a smaller k is a prefix of the sets. So one look at each id gives the number shared at every k.
"""

from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt

Ids = npt.NDArray[np.int32]

_ABSENT: Final = -1


def grid(bottom_k: int) -> list[int]:
    """Return the ks at which shared ids are counted: 1, 2, 4, ... below ``bottom_k``, and ``bottom_k`` itself."""
    return [*(1 << exponent for exponent in range((bottom_k - 1).bit_length())), bottom_k]


@dataclass(frozen=True)
class Shared:
    """What each of several sets shares with the base's set."""

    counts: npt.NDArray[np.int64]
    """One row per set, one column per k of the grid: the number of ids shared at that k."""

    squared_rank_gaps: npt.NDArray[np.int64]
    """One number per set: the sum of the squared differences of the shared ids' ranks, 1 to n, in the two sets."""


@cache
def _first_ks(bottom_k: int) -> npt.NDArray[np.int64]:
    """Return, for each place counted from 0, which k of the grid is the first that is greater."""
    return np.searchsorted(grid(bottom_k), np.arange(bottom_k), side="right")


class SetComparer:
    """Compares sets with a base's set. It keeps one array as long as the greatest id it has met."""

    def __init__(self) -> None:
        self._places = np.full(0, _ABSENT, np.int32)

    def compare(self, base: Ids, sets: Ids, bottom_k: int) -> Shared:
        """Return what each row of ``sets`` shares with ``base`` at every k of the grid of ``bottom_k``.

        A set that ends before a k is taken whole, and the longer one is cut to the shorter. No id may
        stand twice in one set.
        """
        n_sets, ks = len(sets), grid(bottom_k)
        size = min(bottom_k, len(base), sets.shape[1])
        prefix, ids = base[:size], sets[:, :size]
        if size == 0:
            return Shared(np.zeros((n_sets, len(ks)), np.int64), np.zeros(n_sets, np.int64))
        self._reach(max(int(prefix.max()), int(ids.max())) + 1)
        self._places[prefix] = np.arange(size, dtype=np.int32)
        base_places = self._places.take(ids)
        self._places[prefix] = _ABSENT

        is_shared = base_places >= 0
        totals = np.count_nonzero(is_shared, axis=1)
        shared = np.flatnonzero(is_shared)
        starts = np.repeat(np.arange(0, n_sets * size, size), totals)
        own_places = shared - starts
        base_places = base_places.ravel()[shared]
        cells = _first_ks(bottom_k)[np.maximum(base_places, own_places)]
        cells += np.repeat(np.arange(0, n_sets * len(ks), len(ks)), totals)
        counts = np.bincount(cells, minlength=n_sets * len(ks)).reshape(n_sets, -1).cumsum(axis=1)
        starts += base_places
        return Shared(counts, _squared_rank_gaps(totals, starts, n_sets * size))

    def _reach(self, size: int) -> None:
        if len(self._places) < size:
            self._places = np.full(size, _ABSENT, np.int32)


def _squared_rank_gaps(
    totals: npt.NDArray[np.int64], cells: npt.NDArray[np.int64], n_cells: int
) -> npt.NDArray[np.int64]:
    """Return the sum for each set, of ``totals`` shared ids each.

    ``cells`` are the places in the base's set, the sets laid end to end; they come in the order of the sets.
    """
    # Counted over all sets at once, a rank is greater by the shared ids of the sets before, in both orders alike.
    is_shared = np.zeros(n_cells, np.int8)
    is_shared[cells] = 1
    base_ranks = is_shared.cumsum(dtype=np.int64)[cells]
    base_ranks -= np.arange(1, len(cells) + 1)
    base_ranks *= base_ranks
    ends = totals.cumsum()
    running = np.concatenate([[0], base_ranks.cumsum()])
    sums: npt.NDArray[np.int64] = running[ends] - running[ends - totals]
    return sums
