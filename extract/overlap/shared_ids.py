"""What two bottom-k sets have in common, counted for many sets against one: pure functions on arrays.

An id that both sets hold lies at some place in each. It is shared at every k that is greater than both
places, since a smaller k is a prefix of the sets. So one look at each id gives the number shared at every k.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

Ids = npt.NDArray[np.int32]

_ABSENT: Final = np.iinfo(np.uint32).max
"""The place of an id that the base's set lacks: beyond every k."""


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


class SetComparer:
    """Compares sets with a base's set. It keeps one array as long as the greatest id it has met."""

    def __init__(self) -> None:
        self._places = np.full(0, _ABSENT, np.uint32)

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
        self._places[prefix] = np.arange(size, dtype=np.uint32)
        base_places = self._places.take(ids)
        self._places[prefix] = _ABSENT

        counts = np.empty((n_sets, len(ks)), np.int64)
        for column, k in enumerate(ks):
            is_shared = base_places[:, :k] < k
            counts[:, column] = is_shared.view(np.int8).sum(axis=1, dtype=np.int32)
        totals = counts[:, -1]
        cells = base_places[base_places != _ABSENT] + np.repeat(np.arange(0, n_sets * size, size), totals)
        return Shared(counts, _squared_rank_gaps(totals, cells, n_sets * size))

    def _reach(self, size: int) -> None:
        if len(self._places) < size:
            self._places = np.full(size, _ABSENT, np.uint32)


def _squared_rank_gaps(
    totals: npt.NDArray[np.int64], cells: npt.NDArray[np.int64], n_cells: int
) -> npt.NDArray[np.int64]:
    """Return the sum for each set, of ``totals`` shared ids each.

    ``cells`` are the places in the base's set, the sets laid end to end; they come in the order of the sets.
    """
    # Counted over all sets at once, a rank is greater by the shared ids of the sets before, in both orders alike.
    is_shared = np.zeros(n_cells, np.int32)
    is_shared[cells] = 1
    rank_gaps = is_shared.cumsum(dtype=np.int32)[cells]
    rank_gaps -= np.arange(1, len(cells) + 1, dtype=np.int32)
    running = np.concatenate([[0], np.square(rank_gaps, dtype=np.int64).cumsum()])
    ends = totals.cumsum()
    sums: npt.NDArray[np.int64] = running[ends] - running[ends - totals]
    return sums
