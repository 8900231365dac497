"""One rule for a file that tells the same thing twice and differently: the fuller record is kept, the rest is recorded.

Published files repeat records: one model in two spellings, one pair measured twice. A file that does so
is still what it claims to be, so it is imported whole. Of two records with one key, the one with more
values is kept, the earlier one where both have as many; what it lacks is taken from the other, since a
value against none is not a conflict. Every value that was not kept becomes a row of ``raw.import_conflicts``.
"""

import json
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from extract.importers.tables import Row

SPELLED_FREELY: Final = frozenset({"model_id", "base_model_id", "derived_model_id", "author"})
"""Ids and owners match in any letter case, so another spelling is not another value."""


@dataclass
class KeyedRecords:
    """Records by their key, each key once, with what was not kept.

    ``table`` is the raw table that they go to; ``named_by`` the column whose id a conflict is listed
    under; the lists in the columns ``united`` are joined instead of compared; the columns ``taken_whole``
    belong together and are never filled from another record; of two records the one of the higher
    ``rank`` is kept, and the fuller one where both rank alike.
    """

    table: str
    named_by: str
    united: Collection[str] = ()
    taken_whole: Collection[str] = ()
    rank: Callable[[dict[str, Any]], int] = field(default=lambda _: 0)
    conflicts: list[dict[str, Any]] = field(default_factory=list)
    n_repeated: int = 0
    """Records that had the key of an earlier one, whether they differ or not."""
    n_conflicting: int = 0
    """Of these, records with another value."""
    _kept: dict[tuple[str, ...], tuple[Row, dict[str, Any]]] = field(default_factory=dict)

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The kept records, in the order in which their keys came."""
        return [values for _, values in self._kept.values()]

    @property
    def keys(self) -> set[tuple[str, ...]]:
        """The keys of the kept records."""
        return set(self._kept)

    def notes(self, what: str) -> list[str]:
        """Return what is to be said of repeated records of ``what``, in the plural (models, pairs)."""
        notes = []
        if same := self.n_repeated - self.n_conflicting:
            notes.append(f"{what} that are repeated with the same values, counted once: {same:,}")
        if self.n_conflicting:
            notes.append(
                f"{what} that are repeated with other values, of which the fuller record is kept "
                f"(marts.mart_import_conflicts lists them): {self.n_conflicting:,}"
            )
        return notes

    def add(self, key: tuple[str, ...], row: Row, values: dict[str, Any]) -> None:
        """Add a record; ``row`` is where it stands in its file."""
        key = tuple(part.lower() for part in key)
        if key not in self._kept:
            self._kept[key] = (row, values)
            return
        self.n_repeated += 1
        first = self._kept[key]
        fuller, other = (
            (first, (row, values)) if self._worth(first[1]) >= self._worth(values) else ((row, values), first)
        )
        merged = dict(fuller[1])
        differing = []
        for name, value in other[1].items():
            if name in self.united:
                merged[name] = _joined(first[1][name], values[name])
            elif value is None:
                continue
            elif merged[name] is not None:
                if not _is_same(name, value, merged[name]):
                    differing.append(name)
            elif name not in self.taken_whole:
                merged[name] = value
        self._kept[key] = (fuller[0], merged)
        self.n_conflicting += bool(differing)
        self.conflicts += [
            {
                "raw_table": self.table,
                "model_id": merged[self.named_by],
                "other_model_id": merged.get("base_model_id"),
                "column_name": name,
                "kept_value": _text(merged[name]),
                "refused_value": _text(other[1][name]),
                "file_name": other[0].file.name,
                "line_number": other[0].line,
            }
            for name in differing
        ]

    def _worth(self, values: dict[str, Any]) -> tuple[int, int]:
        return self.rank(values), sum(value not in (None, [], "") for value in values.values())


def _is_same(name: str, one: object, other: object) -> bool:
    return one == other or (name in SPELLED_FREELY and str(one).lower() == str(other).lower())


def _joined(first: list[Any] | None, second: list[Any] | None) -> list[Any] | None:
    """Return the entries of both lists, each once, in their order; None where there is no list at all."""
    if first is None or second is None:
        return first if second is None else second
    return first + [entry for entry in second if entry not in first]


def _text(value: object) -> str:
    """Return a value as the conflict shows it: a text as it is, anything else as JSON."""
    if isinstance(value, str):
        return value
    return value.isoformat() if isinstance(value, datetime) else json.dumps(value, ensure_ascii=False)
