"""Look closely at two sketches that are kin: how far they lie apart, and what tells which was made from which.

Rounding has a direction: a value that was rounded cannot be the source of the one that was not. So there are two
distances beside the plain one, each with one of the two as the source, in which the rounding of the other, and the
zeros that pruning left in it, are not counted. Growth has one too: a change that does not depend on the weights makes
their squared norm grow by its own, and so does every change after it.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from extract.weights.comparing import LEAST_UNITS, Block, Doubles, Floats, Key, Sketch

Places = npt.NDArray[np.int64]

GRID_LEVELS: Final = 12
"""A grid is recognised by the values that are at most N steps from 0: these are the exact ones."""

GRID_TOLERANCE: Final = 0.06
GRID_VALUES: Final = 16
GRID_STEPS: Final = 300
"""A grid of 8 bits has at most 128 steps on either side."""

GRID_SHARE: Final = 0.98
MOST_DISTINCT: Final = 0.6
"""On a grid many values are equal; where more than this share of them differ, there is none."""

PRUNED_SHARE: Final = 0.05
SLACK: Final = 1.002
"""Half a step is made wider by this factor, for the rounding of the step itself."""

QUANTIZED_SLACK: Final = 1.3
"""The same for the formats of GGUF with steps that are themselves quantized."""

GGUF_GROUP: Final = 32
HALF_OF_THE_SMALLEST: Final = 2.0**-25 * SLACK
"""Half of the smallest number of float16, which is what tiny values are rounded by."""

KEPT: Final = 4
RANK_SHARE: Final = 0.25
"""The largest quarter of the singular values; a full change leaves much outside, an adapter of small rank nothing."""

_BITS: Final = re.compile(r"(?:^|_)I?Q(\d)")


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
        self.keys: dict[str, list[Key]] = {"layers": [], "embeddings": [], "norms": []}
        for key in sorted(sketch.groups):
            self.keys[sketch.groups[key]].append(key)
        precision = precision_of([sketch.blocks[key] for key in self.keys["layers"]])
        self.is_half_exact = precision == "float16" or _is_half(self.keys["layers"], sketch)
        self.half_steps: dict[Key, Floats] = {}
        n_grid = 0
        for key in (*self.keys["layers"], *self.keys["embeddings"]):
            half, is_grid = half_steps(sketch.blocks[key], precision, is_half_exact=self.is_half_exact)
            self.half_steps[key] = half
            n_grid += is_grid and sketch.groups[key] == "layers"
        self.precision = "grid" if n_grid > len(self.keys["layers"]) / 2 and precision[0] != "Q" else precision
        probes = [key for key in sorted(sketch.blocks) if key.is_probe]
        self.probes = {key: sketch.blocks[key].values.reshape(sketch.blocks[key].rows_and_columns) for key in probes}
        self._gathered: dict[tuple[Key, ...], Gathered] = {}

    def gather(self, keys: tuple[Key, ...]) -> "Gathered":
        """Return the blocks of ``keys``, one after the other; kept, because most pairs of a family share their keys."""
        if keys not in self._gathered:
            if len(self._gathered) >= KEPT:
                self._gathered.clear()
            values = np.concatenate([self.sketch.blocks[key].values for key in keys])
            zeros = np.zeros(0, np.float32)
            halves = [self.half_steps.get(key, zeros) for key in keys]
            self._gathered[keys] = Gathered(values, np.concatenate(halves), _starts(keys))
        return self._gathered[keys]


class Gathered:
    """Blocks one after the other, with what is needed of them in every pair."""

    def __init__(self, values: Floats, half_steps: Floats, starts: Places) -> None:
        self.values, self.half_steps, self.starts = values, half_steps, starts
        self.norms = np.add.reduceat(values.astype(np.float64) ** 2, starts)
        self.is_zero = values == 0
        self.share_zero = float(self.is_zero.mean())
        self.kurtosis = _kurtosis(values.astype(np.float64), starts)


def compare_closely(one: Prepared, two: Prepared) -> Closeness:
    """Compare two sketches that share at least one block."""
    shared = {name: _shared_keys(keys, two.keys[name]) for name, keys in one.keys.items()}
    keys = shared["layers"] or shared["embeddings"]
    a, b = one.gather(keys), two.gather(keys)
    difference = np.abs(a.values - b.values)
    scales = np.sqrt(a.norms * b.norms)
    squares = _squares(difference, a.starts)
    growth, growth_error = _growth(a, b, squares, scales)
    return Closeness(
        n_values_equal=int((difference == 0).sum()) if shared["layers"] else 0,
        distance=_relative(squares, scales) if shared["layers"] else None,
        embedding_distance=_group_distance(one, two, shared["embeddings"]),
        norm_distance=_group_distance(one, two, shared["norms"]),
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


def _shared_keys(keys: list[Key], others: list[Key]) -> tuple[Key, ...]:
    if keys == others:
        return tuple(keys)
    present = set(others)
    return tuple(key for key in keys if key in present)


def _starts(keys: tuple[Key, ...]) -> Places:
    return np.cumsum([0, *(key.n_values for key in keys)])[:-1]


def _squares(values: Floats, starts: Places) -> Doubles:
    return np.asarray(np.add.reduceat(np.square(values, dtype=np.float64), starts))


def _is_half(keys: list[Key], sketch: Sketch) -> bool:
    """Return whether every value is a number of float16 too."""
    with np.errstate(over="ignore"):
        return all(
            bool((sketch.blocks[key].values.astype(np.float16) == sketch.blocks[key].values).all()) for key in keys
        )


def precision_of(blocks: Iterable[Block]) -> str:
    """Return the coarsest numbers that hold all values: a quantization's name, bfloat16, float16 or float32."""
    held = list(blocks)
    quantized = sorted({block.dtype for block in held if _BITS.search(block.dtype)})
    if quantized:
        dtypes = [block.dtype for block in held]
        return max(quantized, key=lambda name: (dtypes.count(name), name))
    values = np.concatenate([block.values for block in held]) if held else np.zeros(0, np.float32)
    if not (values.view(np.uint32) & 0xFFFF).any():
        return "bfloat16"
    with np.errstate(over="ignore"):
        is_half = (values.astype(np.float16).astype(np.float32) == values).all()
    return "float16" if is_half else "float32"


def half_steps(block: Block, precision: str, *, is_half_exact: bool = False) -> tuple[Floats, bool]:
    """Return how far each value may lie from the one that it was rounded from, and whether it lies on a grid."""
    values = block.values
    magnitudes = np.abs(values).astype(np.float64)
    bits = _BITS.search(block.dtype)
    if bits:
        levels = 2 ** (int(bits[1]) - 1) - 1
        groups = np.abs(np.resize(magnitudes, -(-values.size // GGUF_GROUP) * GGUF_GROUP)).reshape(-1, GGUF_GROUP)
        slack = SLACK if block.dtype == "Q8_0" else QUANTIZED_SLACK
        half = np.repeat(groups.max(axis=1) / max(levels, 1) / 2 * slack, GGUF_GROUP)[: values.size]
        return half.astype(np.float32), True
    ulp_bits = {"bfloat16": 8, "float16": 11}.get(precision)
    half = np.zeros(values.size)
    if ulp_bits is not None:
        half = np.exp2(np.floor(np.log2(np.maximum(magnitudes, 1e-30))) - ulp_bits) * SLACK
    if is_half_exact:
        half = np.maximum(half, HALF_OF_THE_SMALLEST)
    is_grid = False
    columns = block.rows_and_columns[1]
    for number in np.flatnonzero(_repeats(magnitudes.reshape(-1, columns))):
        row = slice(number * columns, (number + 1) * columns)
        step = grid_step(values[row])
        if step is not None:
            half[row] = np.maximum(half[row], step / 2 * SLACK)
            is_grid = True
    zero = magnitudes == 0
    if not is_grid and zero.mean() > PRUNED_SHARE and not zero.all():
        half[zero] = magnitudes[~zero].min()
    return half.astype(np.float32), is_grid


def _repeats(magnitudes: Doubles) -> npt.NDArray[np.bool_]:
    """Return which rows may lie on a grid: many of their values are equal, as they are in few models."""
    ordered = np.sort(magnitudes, axis=1)
    n_distinct = (ordered[:, 1:] != ordered[:, :-1]).sum(axis=1) + (ordered[:, 0] > 0)
    return np.asarray(n_distinct <= MOST_DISTINCT * magnitudes.shape[1])


def grid_step(values: Floats) -> float | None:
    """Return the distance of the evenly spaced values that all ``values`` lie on, or None where they lie on no grid.

    The values near 0 decide, since these are hardly moved by a rounding that came after.
    """
    magnitudes = np.unique(np.abs(values).astype(np.float64))
    magnitudes = magnitudes[magnitudes > 0]
    if magnitudes.size < GRID_LEVELS or magnitudes.size > MOST_DISTINCT * values.size:
        return None
    gaps = np.diff(magnitudes[: 2 * GRID_LEVELS])
    for guess in (magnitudes[0], float(np.median(gaps[gaps > 1e-3 * magnitudes[0]])) if (gaps > 0).any() else 0.0):
        step = _refined(magnitudes, guess)
        if step is None or magnitudes[-1] / step > GRID_STEPS:
            continue
        places = np.abs(values) / step
        near = places < GRID_LEVELS + 0.5
        off = np.abs(places - np.round(places))[near]
        if near.sum() >= GRID_VALUES and (off < GRID_TOLERANCE).mean() >= GRID_SHARE:
            return step
    return None


def _refined(magnitudes: Doubles, guess: float) -> float | None:
    """Return the step that fits the small magnitudes best, from a first guess."""
    if guess <= 0:
        return None
    step = guess
    for reach in (3.5, 6.5, GRID_LEVELS + 0.5):
        near = magnitudes[magnitudes < reach * step]
        numbers = np.round(near / step)
        weight = float((numbers**2).sum())
        if weight == 0:
            return None
        step = float((near * numbers).sum() / weight)
    return step


def _remaining(difference: Floats, child: Gathered) -> Doubles:
    """Return the squared distance per block that the rounding of the child cannot explain."""
    tiny = np.float32(1e-6) * difference.max(initial=0)
    return _squares(np.maximum(difference - child.half_steps - tiny, 0), child.starts)


def _relative(squares: Doubles, scales: Doubles) -> float:
    return float(np.sqrt(np.mean(squares / np.where(scales > 0, scales, 1))))


def _group_distance(one: Prepared, two: Prepared, keys: tuple[Key, ...]) -> float | None:
    if not keys:
        return None
    a, b = one.gather(keys), two.gather(keys)
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
    seconds = np.add.reduceat(centred**2, starts) / sizes
    fourths = np.add.reduceat(centred**4, starts) / sizes
    return float(np.median(fourths / np.maximum(seconds, 1e-60) ** 2 - 3))
