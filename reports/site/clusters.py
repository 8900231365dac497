"""Put the models of a matrix into an order in which those that are alike stand together."""

from collections.abc import Sequence

import numpy as np
from scipy.cluster.hierarchy import leaves_list, linkage
from scipy.spatial.distance import squareform

from reports.site.queries import Row


def clustered(rows: Sequence[Row], steps: Sequence[float], at_most: int) -> tuple[list[str], list[list[int]]]:
    """Return the models in the order of average linkage on 1 - overlap, and the step of ``steps`` of each pair.

    A cell is 0 below the first step. The overlap of two models is the mean of both directions, where both were
    measured; a pair never measured counts as 0. Of more than ``at_most`` models the first by id are taken.
    """
    names = sorted({row["base_model_id"] for row in rows} | {row["derived_model_id"] for row in rows})[:at_most]
    place = {name: number for number, name in enumerate(names)}
    total, n = np.zeros((len(names), len(names))), np.zeros((len(names), len(names)))
    for row in rows:
        first, second = place.get(row["base_model_id"]), place.get(row["derived_model_id"])
        if first is not None and second is not None:
            total[[first, second], [second, first]] += row["overlap_ratio"]
            n[[first, second], [second, first]] += 1
    overlaps = np.divide(total, n, out=np.zeros_like(total), where=n > 0)
    np.fill_diagonal(overlaps, 1.0)
    if len(names) < 3:
        order = np.arange(len(names))
    else:
        order = leaves_list(linkage(squareform(np.clip(1 - overlaps, 0, 1), checks=False), "average"))
    cells = np.digitize(overlaps[np.ix_(order, order)], steps)
    return [names[number] for number in order], [[int(cell) for cell in row] for row in cells]
