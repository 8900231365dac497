"""A tensor as a file holds it, and the types that its numbers are stored in."""

from dataclasses import dataclass
from math import prod
from typing import Final

MAX_TENSORS: Final = 200_000
"""The largest models of experts list about 100,000 tensors."""

MAX_DIMENSIONS: Final = 8
MAX_ELEMENTS: Final = 1 << 48
"""No tensor of a real model has as many elements; products beyond it are lies."""


@dataclass(frozen=True)
class StoredTensor:
    """One tensor of a file, as the header describes it."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    """In the order of transformers: the last dimension is the one whose values lie side by side."""
    start: int
    """The first byte in the file."""
    n_bytes: int

    @property
    def is_vector(self) -> bool:
        """Whether it has one dimension, or none."""
        return len(self.shape) <= 1

    @property
    def row_length(self) -> int:
        """How many values a row has: the last dimension."""
        return self.shape[-1] if self.shape else 1

    @property
    def n_rows(self) -> int:
        """How many rows there are: the product of all other dimensions."""
        return prod(self.shape[:-1])

    @property
    def n_elements(self) -> int:
        """How many values it has."""
        return prod(self.shape)
