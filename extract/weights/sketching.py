"""From the tensors of a model to its sketch: which are taken, where, and the rows that are stored."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Final

import numpy as np
import pyarrow as pa

from extract.weights.decoding import GGUF_TYPES, Gguf, Scheme, Values, canonical, digest, is_scale, scheme_of
from extract.weights.gguf_header import GgufHeader
from extract.weights.gguf_names import transformers_name
from extract.weights.names import Named, named, transformers_names
from extract.weights.places import Place, block_place, probe_place
from extract.weights.spans import Contents
from extract.weights.tensors import StoredTensor

MAX_VALUES: Final = 250_000
"""Values of one model that are stored: about 0.9 MB. Models of less than 72 B parameters seldom have more."""

KEPT_EXPERTS: Final = frozenset({"0", "1"})
"""Of the experts of a layer, those that are sketched where each is a tensor of its own."""


@dataclass(frozen=True)
class Readable:
    """A tensor whose values can be made."""

    file_name: str
    stored: StoredTensor
    named: Named
    scheme: Scheme


@dataclass(frozen=True)
class Block:
    """One block of a tensor that is to be read."""

    tensor: Readable
    place: Place
    is_probe: bool = False

    @property
    def offset(self) -> int:
        """The first element, counted row by row."""
        return self.place.row * self.tensor.stored.row_length + self.place.column


@dataclass
class Catalogue:
    """What of a model's files can be read, and how much cannot, by file and reason."""

    readable: list[Readable] = field(default_factory=list)
    skipped: dict[str, Counter[str]] = field(default_factory=dict)
    dtypes: dict[str, Counter[str]] = field(default_factory=dict)
    file_bytes: Mapping[str, int] = field(default_factory=dict)
    """The size of each file; of one that is cut short, blocks that lie before the cut are read."""

    def add_safetensors(self, tensors: Mapping[str, Sequence[StoredTensor]]) -> None:
        """Add the tensors of a model's safetensors files, by file."""
        names = transformers_names(one.name for of_file in tensors.values() for one in of_file)
        for file_name, of_file in tensors.items():
            others = {one.name: one for one in of_file}
            for one in of_file:
                self._count_type(file_name, one)
                if is_scale(one.name):
                    self._skip(file_name, "scale")
                else:
                    self._add(file_name, one, names[one.name], scheme_of(one, others))

    def add_gguf(self, file_name: str, header: GgufHeader) -> None:
        """Add the tensors of a GGUF file. Raises WeightsFailed where their names are not known."""
        for one in header.tensors:
            self._count_type(file_name, one)
            known = transformers_name(header, one.name, one.n_rows)
            if known is None:
                self._skip(file_name, "not_named")
                continue
            can_be_read = one.dtype in GGUF_TYPES
            scheme = Gguf(one, known.stored_row, known.is_one_added) if can_be_read else None
            self._add(file_name, one, known.name, scheme)

    def _add(self, file_name: str, stored: StoredTensor, name: str, scheme: Scheme | None) -> None:
        if scheme is None:
            self._skip(file_name, "type")
        elif stored.n_elements == 0:
            self._skip(file_name, "empty")
        else:
            self.readable.append(Readable(file_name, stored, named(name), scheme))

    def _is_inside(self, block: Block) -> bool:
        size = self.file_bytes[block.tensor.file_name]
        return all(stop <= size for _, stop in block.tensor.scheme.pieces(block.place))

    def _skip(self, file_name: str, reason: str) -> None:
        self.skipped.setdefault(file_name, Counter())[reason] += 1

    def _count_type(self, file_name: str, tensor: StoredTensor) -> None:
        self.dtypes.setdefault(file_name, Counter())[tensor.dtype] += 1

    def blocks(self) -> list[Block]:
        """Return the blocks to read, at most MAX_VALUES values together.

        Where there are more, tensors of experts go first, then those whose names have the larger digests:
        models with the same names keep the same tensors.
        """
        chosen: list[Block] = []
        n_values = 0
        seen: set[str] = set()
        for one in sorted(self.readable, key=_precedence):
            if one.named.name in seen:
                self._skip(one.file_name, "twice")
                continue
            seen.add(one.named.name)
            if _is_left_out(one.named):
                self._skip(one.file_name, "expert")
                continue
            blocks = [block for block in _blocks_of(one) if self._is_inside(block)]
            if not blocks:
                self._skip(one.file_name, "outside")
                continue
            size = sum(block.place.n_values for block in blocks)
            if n_values + size > MAX_VALUES:
                self._skip(one.file_name, "limit")
                continue
            n_values += size
            chosen += blocks
        return chosen


def _precedence(one: Readable) -> tuple[bool, bytes, str]:
    return one.named.is_expert, hashlib.sha256(one.named.name.encode()).digest(), one.stored.name


def _is_left_out(name: Named) -> bool:
    parts = name.name.split(".")
    return name.is_expert and any(
        before == "experts" and after.isdigit() and after not in KEPT_EXPERTS for before, after in pairwise(parts)
    )


def _blocks_of(one: Readable) -> Iterable[Block]:
    stored = one.stored
    yield Block(one, block_place(one.named, stored.n_rows, stored.row_length, is_vector=stored.is_vector))
    if not stored.is_vector and not one.scheme.is_dequantized:
        probe = probe_place(one.named, stored.n_rows, stored.row_length)
        if probe is not None:
            yield Block(one, probe, is_probe=True)


def sketch_table(blocks: Sequence[Block], contents: Mapping[str, Contents], identity: Mapping[str, Any]) -> pa.Table:
    """Return the rows of ``raw.weight_sketches`` of one model, ordered by tensor; ``identity`` is in every row."""
    ordered = sorted(blocks, key=lambda block: (block.tensor.named.name, block.is_probe))
    values = [_values(block, contents[block.tensor.file_name]) for block in ordered]
    offsets = np.concatenate([[0], np.cumsum([len(one) for one in values])]).astype(np.int32)
    flat = np.concatenate(values) if values else np.empty(0, np.float32)
    return pa.table(
        {
            **{name: pa.array([value] * len(ordered), pa.string()) for name, value in identity.items()},
            "file_name": [block.tensor.file_name for block in ordered],
            "tensor_name": [block.tensor.named.name for block in ordered],
            "stored_name": [block.tensor.stored.name for block in ordered],
            "tensor_role": pa.array([block.tensor.named.role for block in ordered], pa.string()),
            "layer_index": pa.array([block.tensor.named.layer_index for block in ordered], pa.int32()),
            "dtype": [block.tensor.stored.dtype for block in ordered],
            "shape": pa.array([list(block.tensor.stored.shape) for block in ordered], pa.list_(pa.int64())),
            "block_offset": [block.offset for block in ordered],
            "block_shape": pa.array([[one.place.n_rows, one.place.n_columns] for one in ordered], pa.list_(pa.int32())),
            "sketch": pa.ListArray.from_arrays(offsets, flat),
            "block_digest": [digest(one) for one in values],
            "is_dequantized": pa.array([block.tensor.scheme.is_dequantized for block in ordered], pa.bool_()),
            "is_probe": pa.array([block.is_probe for block in ordered], pa.bool_()),
        }
    )


def _values(block: Block, contents: Contents) -> Values:
    pieces = block.tensor.scheme.pieces(block.place)
    return canonical(block.tensor.scheme.values(block.place, [contents.piece(piece) for piece in pieces]))
