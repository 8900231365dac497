"""Compare sketches: which models are kin, and how sure that is.

A sketch is a small block of values from each tensor, at a place that depends on the tensor's name and row length alone.
Two models that were trained from different random starts have blocks that do not correlate: a llama's training treats
the directions of its hidden state alike, and their signs too, so every correlation is as often negative as positive.
The test counts each block as one observation and asks whether their mean is above 0. Values inside a block may
depend on each other as they like. Vectors that start as constants, such as norms and biases, are equal between
strangers and are never counted.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from hashlib import sha256
from math import isfinite
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import stats

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]

EMBEDDING_ROLES: Final = frozenset({"embedding", "head"})
LAYER_ROLES: Final = frozenset({"attention", "mlp", "other"})
"""Roles of the tensors that start at random, in the layers; what is `other` and in no layer is left out."""

LEAST_VALUES: Final = 48
"""A block with fewer values has a correlation that says too little."""

LEAST_UNITS: Final = 3
FEW_BLOCKS: Final = 12
"""With fewer blocks than this, each is cut into PIECES, so that the test has enough observations."""

PIECES: Final = 4
DIGEST_CHARACTERS: Final = 32
SMALLEST_P: Final = 1e-300
MAYBE_KIN_P: Final = 1e-3
MAYBE_KIN_CORRELATION: Final = 0.05
"""Pairs that are looked at in detail; the bounds for kinship itself are stricter, and set where p is corrected."""


class Key(NamedTuple):
    """What two blocks must have in common to be compared."""

    tensor_name: str
    row_length: int
    block_offset: int
    n_values: int
    is_probe: bool


@lru_cache(maxsize=1 << 16)
def _text(key: Key, shape: tuple[int, ...]) -> str:
    """Return a key and a shape as text; the models of one architecture have the same ones."""
    return f"{key}{shape}"


@dataclass(frozen=True)
class Block:
    """One block of one model."""

    role: str
    layer_index: int | None
    dtype: str
    shape: tuple[int, ...]
    rows_and_columns: tuple[int, int]
    values: Floats
    digest: str

    def group(self, low: float, high: float) -> str | None:
        """Return `layers`, `embeddings`, `norms`, or None for what is not compared, by its least and largest value."""
        is_norm = self.role == "norm"
        if not is_norm and (len(self.shape) < 2 or self.values.size < LEAST_VALUES):
            return None
        if not isfinite(low + high):
            return None
        if is_norm:
            return "norms"
        if low == high:
            return None
        if self.role in EMBEDDING_ROLES:
            return "embeddings"
        return "layers" if self.role in LAYER_ROLES and self.layer_index is not None else None


@dataclass(frozen=True)
class Sketch:
    """The blocks of one model, by what makes them comparable."""

    model_id: str
    run_id: str
    blocks: dict[Key, Block] = field(repr=False)

    @cached_property
    def digest(self) -> str:
        """Return a digest of names, shapes and values; equal for equal sketches, whatever their files."""
        text = "\n".join(sorted(f"{_text(key, block.shape)}{block.digest}" for key, block in self.blocks.items()))
        return sha256(text.encode()).hexdigest()[:DIGEST_CHARACTERS]

    @cached_property
    def groups(self) -> dict[Key, str]:
        """Return the group of each block that can be compared, probes left out."""
        held = {key: block for key, block in self.blocks.items() if not key.is_probe and block.values.size}
        if not held:
            return {}
        # All values at once: a call for each block would take longer than all comparisons.
        values = np.concatenate([block.values for block in held.values()])
        starts = np.cumsum([0, *(block.values.size for block in held.values())])[:-1]
        lows, highs = (part.reduceat(values, starts).tolist() for part in (np.minimum, np.maximum))
        groups = zip(held, map(Block.group, held.values(), lows, highs), strict=True)
        return {key: group for key, group in groups if group is not None}

    @cached_property
    def signatures(self) -> frozenset[Key]:
        """Return the keys by which comparable models are found: those of blocks that say something of kinship."""
        return frozenset(key for key, group in self.groups.items() if group != "norms")

    @cached_property
    def n_layers(self) -> int | None:
        """Return how many layers there are, None where no tensor belongs to one."""
        layers = [block.layer_index for block in self.blocks.values() if block.layer_index is not None]
        return len(set(layers)) if layers else None

    @cached_property
    def vocabulary_rows(self) -> int | None:
        """Return the rows of the embedding."""
        rows = [block.shape[0] for block in self.blocks.values() if block.role == "embedding"]
        return max(rows) if rows else None


@dataclass(frozen=True)
class Screen:
    """What is known of every pair of a left and a right model, as arrays of left x right."""

    n_tensors: Counts
    n_equal: Counts
    n_values: Counts
    correlation: Doubles
    embedding_correlation: Doubles
    n_units: Counts
    t_statistic: Doubles
    p_value: Doubles

    @property
    def is_maybe_kin(self) -> npt.NDArray[np.bool_]:
        """Return which pairs are worth a closer look."""
        with np.errstate(invalid="ignore"):
            best = np.fmax(self.correlation, self.embedding_correlation)
            return (self.p_value < MAYBE_KIN_P) & (best > MAYBE_KIN_CORRELATION)


class _Sums:
    """Sums over units of one group, of every pair."""

    def __init__(self, shape: tuple[int, int]) -> None:
        self.n = np.zeros(shape, np.int64)
        self.total = np.zeros(shape)
        self.squares = np.zeros(shape)

    def add(self, rows: Counts, columns: Counts, units: Doubles) -> None:
        """Add units (pieces x left x right)."""
        at = _at(self.n.shape, rows, columns)
        self.n[at] += len(units)
        self.total[at] += units.sum(axis=0)
        self.squares[at] += np.einsum("plr,plr->lr", units, units)

    def test(self) -> tuple[Doubles, Doubles, Doubles]:
        """Return the mean, t and the one-sided p of a mean above 0; NaN where there are too few units."""
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = self.total / np.where(self.n > 0, self.n, np.nan)
            variance = np.maximum(self.squares - self.n * mean**2, 0) / np.where(
                self.n >= LEAST_UNITS, self.n - 1, np.nan
            )
            # Rounding leaves a little variance between equal correlations, or none.
            t = mean / np.sqrt(np.maximum(variance, 1e-16) / self.n)
            p = np.maximum(stats.t.sf(t, self.n - 1), SMALLEST_P)
        return mean, t, np.where(np.isnan(t), np.nan, p)


def screen(left: Sequence[Sketch], right: Sequence[Sketch]) -> Screen:
    """Compare each of ``left`` with each of ``right``; memory is that of the pairs and one tensor of all models."""
    shape = (len(left), len(right))
    n_tensors, n_equal, n_values = (np.zeros(shape, np.int64) for _ in range(3))
    by_block, by_piece, embeddings = (_Sums(shape) for _ in range(3))
    has_few = _least_blocks(left, right) < FEW_BLOCKS
    for key, rows, columns in _shared(left, right):
        lefts = [left[row].blocks[key] for row in rows]
        rights = [right[column].blocks[key] for column in columns]
        digests = {digest: number for number, digest in enumerate({block.digest for block in (*lefts, *rights)})}
        codes, other_codes = (np.array([digests[block.digest] for block in blocks]) for blocks in (lefts, rights))
        at = _at(shape, rows, columns)
        n_tensors[at] += 1
        n_equal[at] += codes[:, None] == other_codes[None, :]
        values, others = (np.stack([block.values for block in blocks]) for blocks in (lefts, rights))
        if left[rows[0]].groups[key] == "layers":
            n_values[at] += key.n_values
            by_block.add(rows, columns, _correlations(values, others, 1))
            if has_few:
                by_piece.add(rows, columns, _correlations(values, others, PIECES))
        else:
            embeddings.add(rows, columns, _correlations(values, others, lefts[0].rows_and_columns[0]))
    correlation, t_block, p_block = by_block.test()
    _, t_piece, p_piece = by_piece.test()
    embedding_correlation, t_embedding, p_embedding = embeddings.test()
    is_few, is_none = by_block.n < FEW_BLOCKS, by_block.n == 0
    return Screen(
        n_tensors=n_tensors,
        n_equal=n_equal,
        n_values=n_values,
        correlation=correlation,
        embedding_correlation=embedding_correlation,
        n_units=np.where(is_none, embeddings.n, np.where(is_few, by_piece.n, by_block.n)),
        t_statistic=np.where(is_none, t_embedding, np.where(is_few, t_piece, t_block)),
        p_value=np.where(is_none, p_embedding, np.where(is_few, p_piece, p_block)),
    )


def _at(shape: tuple[int, ...], rows: Counts, columns: Counts) -> tuple[slice | npt.NDArray[np.intp], ...]:
    """Return the index of some rows and columns: all of them, if so, which is much faster."""
    return (slice(None), slice(None)) if (len(rows), len(columns)) == shape else np.ix_(rows, columns)


def _least_blocks(left: Sequence[Sketch], right: Sequence[Sketch]) -> int:
    """Return the fewest blocks of layers that a pair shares, among pairs that share some; the sets of keys are few."""
    sets, other_sets = ({frozenset(_layers(sketch)) for sketch in sketches} for sketches in (left, right))
    return min((len(one & two) for one in sets for two in other_sets if one & two), default=0)


def _layers(sketch: Sketch) -> Iterator[Key]:
    return (key for key, group in sketch.groups.items() if group == "layers")


def _shared(left: Sequence[Sketch], right: Sequence[Sketch]) -> Iterator[tuple[Key, Counts, Counts]]:
    """Yield each key that both sides have, with the places of the models that have it."""
    places, other_places = _places(left), _places(right)
    for key in sorted(places.keys() & other_places.keys()):
        yield key, np.array(places[key]), np.array(other_places[key])


def _places(sketches: Iterable[Sketch]) -> dict[Key, list[int]]:
    places: dict[Key, list[int]] = {}
    for number, sketch in enumerate(sketches):
        for key in sketch.signatures:
            places.setdefault(key, []).append(number)
    return places


def _correlations(values: Floats, others: Floats, n_pieces: int) -> Doubles:
    """Return the correlation of each piece of each pair: pieces x left x right."""
    size = values.shape[1] // n_pieces * n_pieces
    one, two = (_standardized(array[:, :size].reshape(len(array), n_pieces, -1)) for array in (values, others))
    if n_pieces == 1:
        return np.asarray(one[:, 0] @ two[:, 0].T, dtype=np.float64)[None]
    return np.asarray(np.matmul(one.transpose(1, 0, 2), two.transpose(1, 2, 0)), dtype=np.float64)


def _standardized(pieces: Floats) -> Floats:
    centred = pieces - pieces.mean(axis=2, keepdims=True)
    length = np.sqrt((centred**2).sum(axis=2, keepdims=True))
    return np.asarray(centred / np.where(length > 0, length, 1), dtype=np.float32)
