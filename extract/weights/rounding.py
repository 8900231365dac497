"""How far rounding may have moved each value of a sketch: what was rounded cannot be the source of what was not."""

import re
from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from extract.weights.comparing import Block, Doubles, Floats

Flags = npt.NDArray[np.bool_]

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

SIGNIFICANT_BITS: Final = {"bfloat16": 8, "float16": 11}
SMALLEST_EXPONENT: Final = -100
"""Smaller numbers count as numbers of this exponent."""

_BITS: Final = re.compile(r"(?:^|_)I?Q(\d)")


def precision_of(blocks: Sequence[Block]) -> str:
    """Return the coarsest numbers that hold all values: a quantization's name, bfloat16, float16 or float32."""
    dtypes = [block.dtype for block in blocks]
    quantized = sorted({dtype for dtype in dtypes if _BITS.search(dtype)})
    if quantized:
        return max(quantized, key=lambda name: (dtypes.count(name), name))
    values = joined(blocks)
    if not (values.view(np.uint32) & 0xFFFF).any():
        return "bfloat16"
    return "float16" if is_half(values) else "float32"


def joined(blocks: Sequence[Block]) -> Floats:
    """Return the values of blocks one after the other."""
    return np.concatenate([block.values for block in blocks]) if blocks else np.zeros(0, np.float32)


def is_half(values: Floats) -> bool:
    """Return whether every value is a number of float16 too."""
    # A few values tell most models that are not.
    with np.errstate(over="ignore"):
        return all(bool((part.astype(np.float16) == part).all()) for part in (values[:256], values[256:]))


def half_steps(blocks: Sequence[Block], precision: str, *, is_half_exact: bool = False) -> tuple[Floats, Flags]:
    """Return how far each value may lie from the one that it was rounded from, and which blocks lie on a grid.

    The values of all blocks come one after the other.
    """
    values = joined(blocks)
    half = _steps_of_numbers(precision, is_half_exact=is_half_exact)[(values.view(np.uint32) >> 23) & 0xFF]
    starts = np.cumsum([0, *(block.values.size for block in blocks)])
    is_grid = np.zeros(len(blocks), np.bool_)
    for number, step_halves in _quantized(blocks):
        half[starts[number] : starts[number + 1]] = step_halves
        is_grid[number] = True
    magnitudes = np.abs(values)
    for number, row, width in _rows_that_repeat(blocks, magnitudes, starts, is_grid):
        begin = starts[number] + row * width
        step = grid_step(values[begin : begin + width])
        if step is not None:
            half[begin : begin + width] = np.maximum(half[begin : begin + width], step / 2 * SLACK)
            is_grid[number] = True
    is_zero = magnitudes == 0
    if is_zero.any():
        for number in np.flatnonzero(~is_grid).tolist():
            part = slice(starts[number], starts[number + 1])
            zero = is_zero[part]
            if PRUNED_SHARE < zero.mean() < 1:
                half[part][zero] = magnitudes[part][~zero].min()
    return half, is_grid


def _steps_of_numbers(precision: str, *, is_half_exact: bool) -> Floats:
    """Return half of the distance between neighbouring numbers, by the exponent as float32 stores it."""
    exponents = np.maximum(np.arange(256) - 127, SMALLEST_EXPONENT)
    bits = SIGNIFICANT_BITS.get(precision)
    half = np.zeros(256) if bits is None else np.exp2(exponents - bits) * SLACK
    return np.asarray(np.maximum(half, HALF_OF_THE_SMALLEST) if is_half_exact else half, np.float32)


def _quantized(blocks: Sequence[Block]) -> list[tuple[int, Floats]]:
    """Return half of the steps of the blocks that GGUF quantized, with their numbers."""
    found = []
    for number, block in enumerate(blocks):
        bits = _BITS.search(block.dtype)
        if bits:
            levels = 2 ** (int(bits[1]) - 1) - 1
            magnitudes = np.abs(block.values).astype(np.float64)
            size = magnitudes.size
            groups = np.resize(magnitudes, -(-size // GGUF_GROUP) * GGUF_GROUP).reshape(-1, GGUF_GROUP)
            slack = SLACK if block.dtype == "Q8_0" else QUANTIZED_SLACK
            half = np.repeat(groups.max(axis=1) / max(levels, 1) / 2 * slack, GGUF_GROUP)[:size]
            found.append((number, half.astype(np.float32)))
    return found


def _rows_that_repeat(
    blocks: Sequence[Block], magnitudes: Floats, starts: npt.NDArray[np.int64], is_known: Flags
) -> list[tuple[int, int, int]]:
    """Return block, row and width of the rows that may lie on a grid: many of their values are equal, as few are."""
    widths: dict[int, list[int]] = {}
    for number, block in enumerate(blocks):
        if not is_known[number]:
            widths.setdefault(block.rows_and_columns[1], []).append(number)
    found: list[tuple[int, int, int]] = []
    for width, numbers in widths.items():
        parts = [magnitudes[starts[number] : starts[number + 1]].reshape(-1, width) for number in numbers]
        owners = [(number, row, width) for number, part in zip(numbers, parts, strict=True) for row in range(len(part))]
        ordered = np.sort(np.concatenate(parts), axis=1)
        n_distinct = (ordered[:, 1:] != ordered[:, :-1]).sum(axis=1) + (ordered[:, 0] > 0)
        found += [owners[row] for row in np.flatnonzero(n_distinct <= MOST_DISTINCT * width)]
    return sorted(found)


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
