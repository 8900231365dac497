"""Look closely at two sketches that are kin: how far they lie apart, and what tells which was made from which.

Rounding has a direction: a value that was rounded cannot be the source of the one that was not. So there are two
distances beside the plain one, each with one of the two as the source, in which the rounding of the other, and the
zeros that pruning left in it, are not counted. Growth has one too: a change that does not depend on the weights makes
their squared norm grow by its own, and so does every change after it.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt

from extract.weights.comparing import LEAST_UNITS, Doubles, Floats, Key, Sketch
from extract.weights.rounding import half_steps, is_half, joined, precision_of

Places = npt.NDArray[np.int64]

KEPT: Final = 4
RANK_SHARE: Final = 0.25
"""The largest quarter of the singular values; a full change leaves much outside, an adapter of small rank nothing."""


@dataclass(frozen=True)
class Closeness:
    """What two kin sketches tell of each other; the fields are columns of ``raw.weight_comparisons``."""

    n_values_equal: int
    distance: float | None
    embedding_distance: float | None
    norm_distance: float | None
    squared_distance: float
    squared_norm: float
    other_squared_norm: float
    distance_as_source: float | None
    other_distance_as_source: float | None
    norm_growth: float | None
    norm_growth_error: float | None
    low_rank_share: float | None
    share_zero: float
    other_share_zero: float
    precision: str
    other_precision: str
    n_layers: int | None
    other_n_layers: int | None
    vocabulary_rows: int | None
    other_vocabulary_rows: int | None
    kurtosis: float | None
    other_kurtosis: float | None


class Prepared:
    """The blocks of a sketch by group, with how far rounding may have moved each value; made once per sketch."""

    def __init__(self, sketch: Sketch) -> None:
        self.sketch = sketch
        keys: dict[str, list[Key]] = {"layers": [], "embeddings": [], "norms": []}
        for key in sorted(sketch.groups):
            keys[sketch.groups[key]].append(key)
        self.keys = {group: tuple(held) for group, held in keys.items()}
        layers = [sketch.blocks[key] for key in keys["layers"]]
        precision = precision_of(layers)
        is_half_exact = precision == "float16" or is_half(joined(layers))
        self._halves: dict[str, Floats] = {"norms": np.zeros(0, np.float32)}
        n_grid = 0
        for group in ("layers", "embeddings"):
            blocks = [sketch.blocks[key] for key in keys[group]]
            self._halves[group], is_grid = half_steps(blocks, precision, is_half_exact=is_half_exact)
            n_grid += int(is_grid.sum()) if group == "layers" else 0
        self.precision = "grid" if n_grid > len(layers) / 2 and precision[0] != "Q" else precision
        probes = [key for key in sorted(sketch.blocks) if key.is_probe]
        self.probes = {key: sketch.blocks[key].values.reshape(sketch.blocks[key].rows_and_columns) for key in probes}
        self._whole: dict[str, Gathered] = {}
        self._parts: dict[tuple[str, tuple[Key, ...]], Gathered] = {}

    def gather(self, group: str, keys: tuple[Key, ...]) -> "Gathered":
        """Return the blocks of some keys of a group, one after the other.

        The whole group is kept, and the last parts, because most pairs of a family share their keys.
        """
        if keys is self.keys[group] or keys == self.keys[group]:
            if group not in self._whole:
                self._whole[group] = self._gather(group, keys)
            return self._whole[group]
        found = self._parts.get((group, keys))
        if found is None:
            if len(self._parts) >= KEPT:
                self._parts.clear()
            found = self._parts[group, keys] = self._gather(group, keys)
        return found

    def _gather(self, group: str, keys: tuple[Key, ...]) -> "Gathered":
        halves = self._halves[group]
        if halves.size and keys != self.keys[group]:
            starts = dict(zip(self.keys[group], _starts(self.keys[group]).tolist(), strict=True))
            halves = np.concatenate([halves[starts[key] : starts[key] + key.n_values] for key in keys])
        return Gathered(joined([self.sketch.blocks[key] for key in keys]), halves, _starts(keys))


class Gathered:
    """Blocks one after the other, with what is needed of them in every pair."""

    def __init__(self, values: Floats, half_steps: Floats, starts: Places) -> None:
        self.values, self.half_steps, self.starts = values, half_steps, starts
        self.norms = _squares(values, starts)
        self.is_zero = values == 0
        self.share_zero = float(self.is_zero.mean())

    @cached_property
    def kurtosis(self) -> float | None:
        """Return the median over blocks of the excess kurtosis."""
        return _kurtosis(self.values.astype(np.float64), self.starts)


def compare_closely(one: Prepared, two: Prepared) -> Closeness:
    """Compare two sketches that share at least one block."""
    shared = {name: _shared_keys(keys, two.keys[name]) for name, keys in one.keys.items()}
    group = "layers" if shared["layers"] else "embeddings"
    a, b = (prepared.gather(group, shared[group]) for prepared in (one, two))
    difference = np.abs(a.values - b.values)
    scales = np.sqrt(a.norms * b.norms)
    squares = _squares(difference, a.starts)
    growth, growth_error = _growth(a, b, squares, scales)
    return Closeness(
        n_values_equal=int(np.count_nonzero(difference == 0)) if shared["layers"] else 0,
        distance=_relative(squares, scales) if shared["layers"] else None,
        embedding_distance=_group_distance(one, two, "embeddings", shared["embeddings"]),
        norm_distance=_group_distance(one, two, "norms", shared["norms"]),
        squared_distance=float(squares.sum()),
        squared_norm=float(a.norms.sum()),
        other_squared_norm=float(b.norms.sum()),
        distance_as_source=_relative(_remaining(difference, b), scales),
        other_distance_as_source=_relative(_remaining(difference, a), scales),
        norm_growth=growth,
        norm_growth_error=growth_error,
        low_rank_share=_low_rank_share(one, two),
        share_zero=a.share_zero,
        other_share_zero=b.share_zero,
        precision=one.precision,
        other_precision=two.precision,
        n_layers=one.sketch.n_layers,
        other_n_layers=two.sketch.n_layers,
        vocabulary_rows=one.sketch.vocabulary_rows,
        other_vocabulary_rows=two.sketch.vocabulary_rows,
        kurtosis=a.kurtosis,
        other_kurtosis=b.kurtosis,
    )


def _shared_keys(keys: tuple[Key, ...], others: tuple[Key, ...]) -> tuple[Key, ...]:
    if keys == others:
        return keys
    present = set(others)
    return tuple(key for key in keys if key in present)


def _starts(keys: tuple[Key, ...]) -> Places:
    return np.cumsum([0, *(key.n_values for key in keys)])[:-1]


def _squares(values: Floats, starts: Places) -> Doubles:
    return np.asarray(np.add.reduceat(np.square(values, dtype=np.float64), starts))


def _remaining(difference: Floats, child: Gathered) -> Doubles:
    """Return the squared distance per block that the rounding of the child cannot explain."""
    remaining = difference - child.half_steps
    remaining -= np.float32(1e-6) * difference.max(initial=0)
    return _squares(np.maximum(remaining, 0, out=remaining), child.starts)


def _relative(squares: Doubles, scales: Doubles) -> float:
    return float(np.sqrt(np.mean(squares / np.where(scales > 0, scales, 1))))


def _group_distance(one: Prepared, two: Prepared, group: str, keys: tuple[Key, ...]) -> float | None:
    if not keys:
        return None
    a, b = (prepared.gather(group, keys) for prepared in (one, two))
    scale = float(np.sqrt(a.norms.sum() * b.norms.sum()))
    return float(np.sqrt(_squares(a.values - b.values, a.starts).sum() / scale)) if scale > 0 else None


def _growth(a: Gathered, b: Gathered, squares: Doubles, scales: Doubles) -> tuple[float | None, float | None]:
    """Return the growth of the squared norm from the first to the second, per squared distance, and its error.

    Each block is one observation. Places where either is exactly zero are left out: pruning takes norm away.
    """
    gains = b.norms - a.norms
    if a.share_zero + b.share_zero > 0:
        held = ~(a.is_zero | b.is_zero)
        one, two = (np.where(held, part.values, 0).astype(np.float64) for part in (a, b))
        gains, squares = (np.add.reduceat(part, a.starts) for part in (two**2 - one**2, (two - one) ** 2))
    scales = np.where(scales > 0, scales, 1)
    gains, squares = gains / scales, squares / scales
    if squares.sum() <= 0 or len(squares) < LEAST_UNITS:
        return None, None
    growth = float(gains.sum() / squares.sum())
    return growth, float(np.sqrt(((gains - growth * squares) ** 2).sum()) / squares.sum())


def _low_rank_share(one: Prepared, two: Prepared) -> float | None:
    """Return how much of the difference of the blocks with many rows its largest singular values hold."""
    held = total = 0.0
    for key in one.probes.keys() & two.probes.keys():
        difference = one.probes[key].astype(np.float64) - two.probes[key]
        if np.isfinite(difference).all() and difference.any():
            energies = np.linalg.eigvalsh(difference @ difference.T)[::-1]
            held += float(energies[: max(1, int(len(energies) * RANK_SHARE))].sum())
            total += float(energies.sum())
    return held / total if total > 0 else None


def _kurtosis(values: Doubles, starts: Places) -> float | None:
    """Return the median over blocks of the excess kurtosis."""
    sizes = np.diff(np.append(starts, values.size))
    if not len(starts):
        return None
    means = np.add.reduceat(values, starts) / sizes
    centred = values - np.repeat(means, sizes)
    squares = centred**2
    seconds = np.add.reduceat(squares, starts) / sizes
    fourths = np.add.reduceat(squares**2, starts) / sizes
    return float(np.median(fourths / np.maximum(seconds, 1e-60) ** 2 - 3))
