"""What speaks for and against each edge of a family, before any tree is chosen."""

from typing import Final

import numpy as np
import numpy.typing as npt

from reports.kinship.family import Family, Matrix

FLOOR: Final = 1e-5
"""A smaller relative distance is none."""

GROWTH_SPREAD: Final = 0.6
"""How far the growth of real changes strays from 1, beside its standard error: by weight decay, for one."""

STRANGE_GROWTH: Final = (0.1, 20.0)
"""Which share of edges grows in a way that says nothing, and over which width such growths spread."""

AGAINST: Final = 6.0
"""Log-odds against a parent that lacks what its child has: values not rounded, no zeros, more layers."""

AGAINST_VOCABULARY: Final = 3.0

AGAINST_DATE: Final = 3.0

HUB: Final = 0.7
"""Log-odds of being the root for each doubling of the models that are nearest to one."""

ZERO_GAP: Final = 0.05

BACKWARDS: Final = 8.0
"""Log-odds against a root for each unit of the cosine by which one model lies opposite to all others."""

SEEN: Final = 60
"""How many of the nearest models a root is judged by."""

ROUNDING_LEAVES: Final = 0.2
"""Rounding explains a distance of which it leaves less than this share."""


def evidence_against(family: Family) -> dict[str, Matrix]:
    """Return what speaks against each edge from row to column, by kind, as log-odds; negative is for it."""
    n = len(family.names)
    with np.errstate(invalid="ignore", divide="ignore"):
        zeros, layers, rows = (family.facts[name] for name in ("share_zero", "n_layers", "vocabulary_rows"))
        more_zeros = (zeros[:, None] > zeros[None, :] + ZERO_GAP) * AGAINST
        fewer_layers = (layers[:, None] < layers[None, :]) * AGAINST
        more_rows = (rows[:, None] > rows[None, :]) * AGAINST_VOCABULARY
    rounded = (family.is_rounded[:, None] & ~family.is_rounded[None, :]) * AGAINST
    dates = np.zeros((n, n))
    for i, one in enumerate(family.names):
        for j, two in enumerate(family.names):
            if one in family.dates and two in family.dates and family.dates[one] > family.dates[two]:
                dates[i, j] = AGAINST_DATE
    # Rounding and pruning change norms by themselves.
    stronger = (more_zeros + more_zeros.T + rounded + rounded.T + fewer_layers + fewer_layers.T) > 0
    ratio = explained_by_rounding(family)
    growth = np.where(stronger | ratio | ratio.T, 0, -growth_odds(family) / 2)
    return {
        "growth": growth,
        "zeros": more_zeros.astype(np.float64),
        "layers": fewer_layers.astype(np.float64),
        "vocabulary": more_rows.astype(np.float64),
        "precision": rounded.astype(np.float64),
        "date": dates,
    }


def explained_by_rounding(
    family: Family, parents: int | slice = slice(None), models: int | slice = slice(None)
) -> npt.NDArray[np.bool_]:
    """Return where the rounding of the model explains nearly all of its distance from the parent.

    A matrix of all parents (rows) and models (columns), or the one value that two numbers name.
    """
    with np.errstate(invalid="ignore"):
        return np.asarray(family.as_source[parents, models] < ROUNDING_LEAVES * family.distance[parents, models])


def growth_odds(family: Family) -> Matrix:
    """Return what growth says for the row's model being the parent of the column's, as log-odds; 0 where not known."""
    there, back = (growth_density(family.growth, family.growth_error, mean) for mean in (1.0, -1.0))
    return np.asarray(np.nan_to_num(np.log(there / back)))


def growth_density(growth: Matrix, error: Matrix, expected: Matrix | float) -> Matrix:
    """Return the density of a measured growth, where another is expected; NaN where it is not known."""
    share, width = STRANGE_GROWTH
    spread = np.sqrt(error**2 + GROWTH_SPREAD**2)
    usual = np.exp(-(((growth - expected) / spread) ** 2) / 2) / (spread * np.sqrt(2 * np.pi))
    return np.asarray((1 - share) * usual + share / width)


def hub_odds(family: Family) -> Matrix:
    """Return the log-odds of each model being the root for being the nearest to others."""
    with np.errstate(invalid="ignore"):
        distances = np.where(np.isfinite(family.distance), family.distance, np.inf)
    np.fill_diagonal(distances, np.inf)
    counts = np.bincount(distances.argmin(axis=1), minlength=len(distances))
    return np.asarray(HUB * np.log2(1 + counts) - BACKWARDS * _backwards(family))


def _backwards(family: Family) -> Matrix:
    """Return of each model how far one other lies on the far side from all the rest, 0..1.

    Changes that start at one model have a little in common or nothing, but do not oppose each other. So a root sees
    no model opposite to the mean of the others. One that lies between the root and the rest does: it sees the root.
    """
    n = len(family.names)
    found = np.zeros(n)
    for model in range(n):
        others = np.flatnonzero(np.isfinite(family.squared[model]) & (family.squared[model] > 0))
        others = others[np.argsort(family.squared[model, others], kind="stable")][:SEEN]
        if len(others) < 3:
            continue
        cosines = _cosines(family, model, others)
        np.fill_diagonal(cosines, np.nan)
        with np.errstate(invalid="ignore"):
            found[model] = max(0.0, -float(np.nanmin(np.nanmean(cosines, axis=1))))
    return found


def _cosines(family: Family, model: int, others: npt.NDArray[np.int64]) -> Matrix:
    """Return the cosines between the differences of ``others`` to one model."""
    to_model = family.squared[model, others]
    between = family.squared[np.ix_(others, others)].copy()
    np.fill_diagonal(between, 0)
    lengths = np.sqrt(to_model)
    return np.asarray((to_model[:, None] + to_model[None, :] - between) / (2 * lengths[:, None] * lengths[None, :]))
