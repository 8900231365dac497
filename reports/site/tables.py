"""The data of the charts as CSV files: one for each query that a chart shows, the same in every language."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from modelkin.printable import no_formula
from reports.site.queries import Result
from reports.site.reading import Holdings

FOLDER: Final = "tables"

MAX_ROWS: Final = 20_000
"""Rows of the largest file; what is larger (a matrix of many models) would outweigh the rest of the site, and its SQL
is beside the chart."""


@dataclass
class Tables:
    """The files that the charts of a render link, by their path in the site; a template asks for one by its result."""

    holdings: Holdings
    files: dict[str, bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Give every result of the pages its path."""
        self._paths = {id(result): path for path, result in _placed(self.holdings)}

    def path(self, result: Result) -> str | None:
        """Return the path of the file with the rows of ``result``; None where it has none, or too many."""
        path = self._paths.get(id(result))
        if path is None or not 0 < len(result) <= MAX_ROWS:
            return None
        if path not in self.files:
            self.files[path] = as_csv(result)
        return path


def _placed(holdings: Holdings) -> Iterator[tuple[str, Result]]:
    for page, results in holdings.site.items():
        for name, result in results.items():
            yield f"{FOLDER}/{page}/{name}.csv", result
    for study in holdings.studies:
        for page, results in study.results.items():
            for name, result in results.items():
                yield f"{FOLDER}/{page}-{study.slug}/{name}.csv", result


def as_csv(result: Result) -> bytes:
    """Return the rows as CSV, as the marts have them: codes, not words; numbers unrounded; empty for null.

    A text that a spreadsheet would run as a formula has an apostrophe before it.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(result.rows[0])
    for row in result:
        writer.writerow([_written(value) for value in row.values()])
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def _written(value: object) -> object:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, date):
        return value.isoformat()
    return no_formula(value) if isinstance(value, str) else value
