"""How many permutations a correction of p values for their number asks for."""

import math

from reports.significance.comparisons import PERMUTATIONS
from reports.significance.power import ALPHA


def permutations_for(n_hypotheses: int) -> int:
    """Return how many permutations let the smallest possible p survive Holm's correction over ``n_hypotheses``.

    The smallest p, 1/(permutations + 1), is at most half of what the correction asks; never fewer than
    ``PERMUTATIONS``.
    """
    return max(PERMUTATIONS, math.ceil(2 * n_hypotheses / ALPHA) - 1)
