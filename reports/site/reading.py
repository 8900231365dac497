"""Read all that the pages show from the warehouse, at one moment."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import duckdb

from modelkin.builds import tables_of_other_builds
from modelkin.errors import WarehouseError
from modelkin.warehouse import connect
from reports.figures.figure import PALETTE
from reports.site.page import Study, all_pages
from reports.site.queries import PAGES, Result, Row, read_folder, read_query

MAX_FAMILIES: Final = 12
"""Families of a study that its tables list, those with the most valid pairs; the page says how many there are."""

MAX_CHARTED_FAMILIES: Final = len(PALETTE)
"""Families of a study that its charts show: as many as there are colours to tell apart."""

OPTIONAL_TABLES: Final = frozenset({"stats.model_graph"})
"""Tables that a report is whole without: measuring the network is a step of its own."""


@dataclass(frozen=True)
class Holdings:
    """The results of the queries: of each page of the site, and of each study; ``shared`` is a page of its own.

    ``arrays`` is what a page's ``read`` returned, by page.
    """

    site: Mapping[str, Mapping[str, Result]]
    studies: tuple[Study, ...]
    arrays: Mapping[str, Any]


def read(warehouse: Path) -> Holdings:
    """Return what all pages show; WarehouseError when there are no marts, or ``stats`` of another build of them."""
    with connect(warehouse, read_only=True) as connection:
        shared = read_folder(connection, PAGES / "shared")
        if shared["studies"].missing:
            raise WarehouseError(
                f"{warehouse} has no table {' or '.join(shared['studies'].missing)}; run `modelkin build` first."
            )
        mixed = set(tables_of_other_builds(connection)) - OPTIONAL_TABLES
        if mixed:
            raise WarehouseError(
                f"The marts of {warehouse} were built again since these tables were made from them: "
                f"{', '.join(sorted(mixed))}; run `modelkin test` again."
            )
        site = {page.name: read_folder(connection, page.folder) for page in all_pages() if page.per == "site"}
        studies = tuple(_study(connection, row) for row in shared["studies"])
        arrays = {page.name: page.read(connection) for page in all_pages()}
    return Holdings({"shared": shared} | site, studies, arrays)


def _study(connection: duckdb.DuckDBPyConnection, row: Row) -> Study:
    parameters: dict[str, Any] = {"study_id": row["study_id"], "max_families": MAX_FAMILIES}
    families = read_query(connection, PAGES / "study" / "families.sql", parameters)
    labels = [family["family_label"] for family in families]
    parameters |= {"families": labels, "charted_families": labels[:MAX_CHARTED_FAMILIES]}
    results = {
        page.name: read_folder(connection, page.folder, parameters) for page in all_pages() if page.per == "study"
    }
    return Study(row, slug(row["study_id"]), tuple(labels), results)


def slug(name: str) -> str:
    """Return ``name`` as a part of a file name: itself where it can be, else with a digest that tells it apart."""
    plain = re.sub(r"[^a-z0-9]+", "-", name.lower())[:40].strip("-")
    if plain == name:
        return plain
    return f"{plain or 'study'}-{hashlib.sha256(name.encode()).hexdigest()[:6]}"


def notes(holdings: Holdings) -> Iterable[str]:
    """Yield what whoever renders should know of what is missing, a sentence each."""
    if not holdings.studies:
        yield "there are no measured pairs yet: the pages say so."
    missing = {
        table
        for results in [*holdings.site.values(), *(r for study in holdings.studies for r in study.results.values())]
        for result in results.values()
        for table in result.missing
    }
    for table in sorted(missing - OPTIONAL_TABLES):
        yield f"there is no {table}; run {command_for(table)} to see its section."


def command_for(table: str) -> str:
    """Return the command that makes ``table``, in backticks."""
    if table in OPTIONAL_TABLES:
        return "`modelkin export`"
    return "`modelkin test`" if table.startswith("stats.") else "`modelkin build`"
