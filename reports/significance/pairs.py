"""The pairs of one study as columns, and the parts of them that are tested separately."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from reports.significance.outcomes import Flags, Floats

LOW_DOWNLOADS: Final = 10
HIGH_DOWNLOADS: Final = 100
"""Low is up to the one, high above the other: the bounds of the design's qualities."""

QUALITIES: Final = ("low", "medium", "high")
RELATIONS: Final = ("same", "different")

Labels = NDArray[np.object_]


@dataclass(frozen=True)
class Pairs:
    """Pairs of models as columns of one length, valid or not.

    ``overlaps`` and ``downloads`` (of the derived model) are NaN where unknown; flags are None where unknown, and a
    whole flag is None when the marts do not have it.
    """

    families: Labels
    relations: Labels
    is_valid: Flags
    overlaps: Floats
    downloads: Floats
    tiers: Labels
    qualities: Labels
    is_tokenizer_match: Labels | None = None
    is_suspect: Labels | None = None
    is_disputed: Labels | None = None

    def where(self, mask: NDArray[np.bool_]) -> "Pairs":
        """Return the pairs for which ``mask`` is true."""
        return Pairs(
            families=self.families[mask],
            relations=self.relations[mask],
            is_valid=self.is_valid[mask],
            overlaps=self.overlaps[mask],
            downloads=self.downloads[mask],
            tiers=self.tiers[mask],
            qualities=self.qualities[mask],
            is_tokenizer_match=None if self.is_tokenizer_match is None else self.is_tokenizer_match[mask],
            is_suspect=None if self.is_suspect is None else self.is_suspect[mask],
            is_disputed=None if self.is_disputed is None else self.is_disputed[mask],
        )

    def valid(self) -> "Pairs":
        """Return the pairs that have an overlap."""
        return self.where(self.is_valid & np.isfinite(self.overlaps))

    def of(self, relation: str) -> "Pairs":
        """Return the pairs of one relation."""
        return self.where(self.relations == relation)

    @property
    def is_doubted(self) -> Flags:
        """Which pairs are disputed or suspect."""
        flags = np.zeros(self.size, dtype=np.bool_)
        for known in (self.is_suspect, self.is_disputed):
            if known is not None:
                flags |= is_true(known)
        return flags

    @property
    def size(self) -> int:
        """How many pairs there are."""
        return int(self.overlaps.size)


def checked(pairs: Pairs) -> Iterator[tuple[str, str, Pairs]]:
    """Yield the slug, the words and the pairs of each part that leaves doubtful pairs out."""
    matches, suspects = pairs.is_tokenizer_match, pairs.is_suspect
    if matches is not None and any(flag is not None for flag in matches.tolist()):
        yield "tokenizer_matched", "one tokenizer", pairs.where(is_true(matches))
    if suspects is not None and is_true(suspects).any():
        yield "unsuspected", "suspect pairs left out", pairs.where(~is_true(suspects))


def is_true(flags: Labels) -> Flags:
    """Return where a flag is known and true."""
    return np.array([flag is True or flag is np.True_ for flag in flags.tolist()], dtype=np.bool_)
