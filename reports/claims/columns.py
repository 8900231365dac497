"""The columns of marts.fct_overlaps that claims are recomputed from."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pyarrow as pa

from reports.claims.claim import Scope
from reports.claims.groups import Group
from reports.significance.outcomes import Flags, Floats


@dataclass(frozen=True)
class Columns:
    """The columns of marts.fct_overlaps that claims are recomputed from, of one length."""

    study_ids: "np.ndarray[Any, np.dtype[np.str_]]"
    base_model_ids: "np.ndarray[Any, np.dtype[np.str_]]"
    derived_model_ids: "np.ndarray[Any, np.dtype[np.str_]]"
    relations: "np.ndarray[Any, np.dtype[np.str_]]"
    overlaps: Floats
    downloads: Floats
    scores: Floats

    @classmethod
    def of(cls, overlaps: pa.Table) -> Self:
        """Read the columns; the relation is the one that the study's file declares, else the mart's.

        Model ids are in lower case. An overlap counts where the pair is valid.
        """
        is_valid = np.array([flag is True for flag in overlaps.column("is_valid").to_pylist()], dtype=np.bool_)
        declared = overlaps.column("declared_relation").to_pylist()
        relations = overlaps.column("relation").to_pylist()
        return cls(
            study_ids=_texts(overlaps.column("study_id").to_pylist()),
            base_model_ids=_texts([text.lower() for text in overlaps.column("base_model_id").to_pylist()]),
            derived_model_ids=_texts([text.lower() for text in overlaps.column("derived_model_id").to_pylist()]),
            relations=_texts([own or common or "" for own, common in zip(declared, relations, strict=True)]),
            overlaps=np.where(is_valid, _numbers(overlaps, "overlap_ratio"), np.nan),
            downloads=_numbers(overlaps, "derived_downloads"),
            scores=_numbers(overlaps, "lineage_score"),
        )

    def in_study(self, scope: Scope) -> Flags:
        """Return which rows have the scope's study, base model and relation, whatever their downloads."""
        flags: Flags = self.study_ids == scope.study_id
        if scope.base_model_id is not None:
            flags = flags & (self.base_model_ids == scope.base_model_id.lower())
        if scope.relation is not None:
            flags = flags & (self.relations == scope.relation)
        return flags

    def select(self, scope: Scope) -> Group:
        """Return the pairs of the scope; with a bound on downloads, those whose downloads are known."""
        flags = self.in_study(scope)
        if scope.min_downloads is not None:
            flags = flags & (self.downloads >= scope.min_downloads)
        if scope.max_downloads is not None:
            flags = flags & (self.downloads <= scope.max_downloads)
        if scope.derived_model_id is not None:
            flags = flags & (self.derived_model_ids == scope.derived_model_id.lower())
        return Group(self.overlaps[flags], self.downloads[flags], self.scores[flags], self.relations[flags] == "same")


def _texts(texts: Sequence[str]) -> "np.ndarray[Any, np.dtype[np.str_]]":
    return np.array(texts, dtype=np.str_)


def _numbers(table: pa.Table, name: str) -> Floats:
    numbers: Floats = np.asarray(table.column(name).cast(pa.float64()).to_numpy(zero_copy_only=False), dtype=np.float64)
    return numbers
