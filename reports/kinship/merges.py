"""Recognise merges by solving for them: a merge is a weighted sum of its parents, up to rounding.

With shares that sum to 1, the distance of a model to a weighted sum of others follows from the squared distances
between all of them, so no weights are read again. SLERP keeps the length of the vectors that a plain mean shortens,
which tells the two apart.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.optimize import nnls

from reports.kinship.family import Family, Matrix

Places = npt.NDArray[np.int64]
Solution = tuple[float, tuple[int, ...], Matrix]
"""Squared residual, parents and shares."""

CANDIDATES: Final = 64
"""How many of the nearest models are tried as parents."""

NEAR_CANDIDATES: Final = 24
"""The same for task arithmetic, whose parents lie nearer."""

MOST_PARENTS: Final = 7
MOST_FACTOR: Final = 1.05
"""Task arithmetic adds differences once or less; more would make a parent of the merge a merge of it."""


LEAST_SHARE: Final = 0.03
EXACT: Final = 0.05
"""A recipe leaves less than this of the squared distance to the nearest parent."""

NOISE: Final = 1.5e-3
"""What rounding to bfloat16 leaves, as a relative distance."""

SIMPLER: Final = 4.0
"""One more parent must leave a residual smaller by this factor."""

SLERP_EXCESS: Final = 3e-5
MOST_EXCESS: Final = 0.2
ROUNDED: Final = 0.1
"""What remains of the distance to a model that was only rounded or pruned; such a model is no merge."""


@dataclass(frozen=True)
class Recipe:
    """How a merge was made: the places of its parents in the family, and their shares."""

    model: int
    parents: tuple[int, ...]
    weights: tuple[float, ...]
    method: str
    residual: float
    base: int | None = None
    """Of task arithmetic, the model that the differences are added to; it is not among the parents."""

    @property
    def heaviest(self) -> int:
        """Return the parent with the largest share."""
        return self.parents[int(np.argmax(self.weights))]


def find_merges(family: Family) -> dict[int, Recipe]:
    """Return the recipe of each model of the family that is a merge of others in it."""
    found: dict[int, Recipe] = {}
    for model in range(len(family.names)):
        recipe = _solve(family, model, frozenset())
        if recipe is not None:
            found[model] = recipe
    # A merge of two merges of one line is better told by the ends of the line.
    for model in list(found):
        others = frozenset(found) - {model}
        if others & set(found[model].parents):
            simpler = _solve(family, model, others)
            if simpler is not None:
                found[model] = simpler
    return {model: recipe for model, recipe in found.items() if not _is_end(model, found)}


def _is_end(model: int, found: dict[int, Recipe]) -> bool:
    """Return whether one of the model's parents is better told as a merge of this one: it has the smaller residual."""
    recipe = found[model]
    return any(
        parent in found and model in found[parent].parents and found[parent].residual < recipe.residual
        for parent in recipe.parents
    )


def _solve(family: Family, model: int, excluded: frozenset[int]) -> Recipe | None:
    distances = family.distance[model].copy()
    distances[model] = np.nan
    with np.errstate(invalid="ignore"):
        explained = family.as_source[:, model] < ROUNDED * distances
        child = family.as_source[model] < ROUNDED * distances
    if explained.any():
        return None
    same_places = family.n_values[model] == np.nanmax(family.n_values)
    usable = np.isfinite(distances) & same_places & ~child & ~family.is_rounded
    usable[list(excluded)] = False
    order = np.argsort(np.where(usable, distances, np.inf))[: min(CANDIDATES, int(usable.sum()))]
    if len(order) < 2 or family.is_rounded[model]:
        return None
    gram = _gram(family, model, order)
    if np.isnan(gram).any():
        return None
    scale = float(np.nanmean(family.norms[model, order]))
    nearest = float(gram.diagonal().min())
    noise = NOISE**2 * scale
    if nearest <= SIMPLER * noise:
        return None
    solution = _simplest(gram, EXACT * nearest + noise, noise)
    if solution is None or solution[0] * SIMPLER > nearest:
        limit = EXACT * nearest + noise
        return _spherical(family, model, order, limit) or _arithmetic(family, model, order, gram, limit)
    residual, chosen, weights = solution
    parents = tuple(int(order[number]) for number in chosen)
    method, shares = _method(family, model, parents, weights)
    return Recipe(model, parents, shares, method, float(np.sqrt(max(residual, 0) / nearest)))


def _simplest(gram: Matrix, limit: float, noise: float) -> Solution | None:
    """Return the sum of fewest parents with shares above 0 that leaves less than ``limit``, or None."""
    best: Solution | None = None
    for chosen in _supports(gram):
        for residual, weights, subset in zip(*affine_shares(gram, chosen), chosen, strict=True):
            if residual > limit or weights.min() < LEAST_SHARE:
                continue
            enough = 1.0 if best is None or len(subset) == len(best[1]) else SIMPLER
            if best is None or (residual * enough < best[0] and best[0] > 2 * noise):
                best = (float(residual), tuple(subset), weights)
    return best


def _supports(gram: Matrix) -> Iterator[list[tuple[int, ...]]]:
    """Yield sets of parents to try: all pairs, and threes and fours of what a solution of all at once consists of."""
    n = len(gram)
    yield list(combinations(range(n), 2))
    values, vectors = np.linalg.eigh(gram)
    root = np.sqrt(np.maximum(values, 0))[:, None] * vectors.T
    weight = 100 * float(np.sqrt(np.abs(gram).max()))
    shares, _ = nnls(np.vstack([root, np.full((1, n), weight)]), np.append(np.zeros(n), weight))
    support = sorted(np.argsort(-shares)[:MOST_PARENTS].tolist())
    for size in (3, 4):
        if len(support) >= size:
            yield list(combinations(support, size))


def affine_shares(gram: Matrix, chosen: Sequence[tuple[int, ...]]) -> tuple[Matrix, Matrix]:
    """Return squared residual and shares, summing to 1, of the best sum of each set of parents; infinite for none."""
    sets = np.array(chosen)
    n = sets.shape[1]
    parts = gram[sets[:, :, None], sets[:, None, :]]
    # A little on the diagonal keeps copies of each other solvable.
    scale = np.maximum(np.abs(parts).max(axis=(1, 2), keepdims=True), 1e-300)
    solved = np.linalg.solve(parts / scale + 1e-12 * np.eye(n), np.ones((len(sets), n, 1)))[:, :, 0]
    with np.errstate(invalid="ignore", divide="ignore"):
        weights = solved / solved.sum(axis=1, keepdims=True)
        residuals = np.einsum("si,sij,sj->s", weights, parts, weights)
    return np.where(np.isfinite(residuals), np.maximum(residuals, 0), np.inf), weights


def _gram(family: Family, model: int, order: Places) -> Matrix:
    """Return the inner products of the parents' differences to the model."""
    to_model = family.squared[model, order]
    between = family.squared[np.ix_(order, order)].copy()
    np.fill_diagonal(between, 0)
    return np.asarray((to_model[:, None] + to_model[None, :] - between) / 2)


def _spherical(family: Family, model: int, order: Places, limit: float) -> Recipe | None:
    """Return a recipe of SLERP: a sum of two whose factors are free, and add up to what the angle between them asks."""
    norms = family.norms[order, model]
    squared = family.squared[np.ix_(order, order)].copy()
    np.fill_diagonal(squared, 0)
    inner = (norms[:, None] + norms[None, :] - squared) / 2
    own = family.norms[model, order]
    to_model = (own + norms - family.squared[model, order]) / 2
    sets = np.array(list(combinations(range(len(order)), 2)))
    parts = inner[sets[:, :, None], sets[:, None, :]]
    with np.errstate(invalid="ignore", divide="ignore"):
        determinants = parts[:, 0, 0] * parts[:, 1, 1] - parts[:, 0, 1] ** 2
        ends = to_model[sets]
        factors = (
            np.stack(
                [
                    parts[:, 1, 1] * ends[:, 0] - parts[:, 0, 1] * ends[:, 1],
                    parts[:, 0, 0] * ends[:, 1] - parts[:, 0, 1] * ends[:, 0],
                ],
                axis=1,
            )
            / determinants[:, None]
        )
        residuals = np.maximum(float(own.mean()) - (factors * ends).sum(axis=1), 0)
    is_fit = (residuals < limit) & (factors.min(axis=1) > LEAST_SHARE) & (np.abs(factors.sum(axis=1) - 1) < MOST_EXCESS)
    for number in np.argsort(np.where(is_fit, residuals, np.inf), kind="stable")[: int(is_fit.sum())]:
        parents = (int(order[sets[number, 0]]), int(order[sets[number, 1]]))
        method, shares = _method(family, model, parents, factors[number] / factors[number].sum())
        if method == "slerp":
            nearest = float(family.squared[model, list(parents)].min())
            return Recipe(model, parents, shares, method, float(np.sqrt(residuals[number] / nearest)))
    return None


def _arithmetic(family: Family, model: int, order: Places, gram: Matrix, limit: float) -> Recipe | None:
    """Return a recipe of task arithmetic: one model, the base, may have a share below 0."""
    if len(gram) < 3:
        return None
    chosen = list(combinations(range(min(len(gram), NEAR_CANDIDATES)), 3))
    best: tuple[float, list[int], Matrix, int] | None = None
    for residual, weights, subset in zip(*affine_shares(gram, chosen), chosen, strict=True):
        if residual > limit or (weights < LEAST_SHARE).sum() != 1 or weights.max() > MOST_FACTOR:
            continue
        base = int(np.argmin(weights))
        others = [number for number in range(3) if number != base]
        part = gram[np.ix_(subset, subset)]
        # The base is what the others were made from: their changes have little in common.
        spread = part[others[0], others[0]] + part[others[1], others[1]] - 2 * part[others[0], others[1]]
        to_base = [part[one, one] + part[base, base] - 2 * part[one, base] for one in others]
        if spread > max(to_base) and (best is None or residual < best[0]):
            best = (float(residual), [subset[number] for number in others], weights[others], subset[base])
    if best is None:
        return None
    residual, parents, shares, base = best
    return Recipe(
        model=model,
        parents=tuple(int(order[number]) for number in parents),
        weights=tuple(float(share) for share in shares),
        method="task_arithmetic",
        residual=float(np.sqrt(residual / gram.diagonal().min())),
        base=int(order[base]),
    )


def _method(family: Family, model: int, parents: tuple[int, ...], weights: Matrix) -> tuple[str, tuple[float, ...]]:
    """Tell SLERP from a plain mean by the sum of the factors when that is free, for two parents."""
    shares = tuple(float(weight) for weight in weights)
    if len(parents) != 2:
        return "linear", shares
    one, two = parents
    norms = np.array([family.norms[one, two], family.norms[two, one]])
    dot = (norms.sum() - family.squared[one, two]) / 2
    to_model = np.array(
        [(family.norms[model, p] + family.norms[p, model] - family.squared[model, p]) / 2 for p in parents]
    )
    gram = np.array([[norms[0], dot], [dot, norms[1]]])
    factors = np.linalg.solve(gram, to_model)
    angle = float(np.arccos(np.clip(dot / np.sqrt(norms.prod()), -1, 1)))
    share = float(factors[1] / factors.sum())
    expected = (np.sin((1 - share) * angle) + np.sin(share * angle)) / np.sin(angle) - 1
    excess = float(factors.sum() - 1)
    if expected > SLERP_EXCESS and abs(excess - expected) < abs(excess):
        return "slerp", (1 - share, share)
    return "linear", shares
