"""The families: an index, and a page for each of the larger ones."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from reports.site.explored import Explored, words
from reports.site.page import Material, Page
from reports.site.queries import Row
from reports.site.reading import slug
from reports.site.words import N_

MAX_PAGES: Final = 30
"""Families with a page of their own: the largest, whose queries have the same limit."""
QUERIES: Final = ("growth", "types", "licenses", "countries", "members", "kept", "trees")
"""The queries that have rows of each of these families."""
MAX_BARS: Final = 40
"""Quarters that the picture of a family's growth shows, the latest."""


def slugs(m: Material) -> dict[str, str]:
    """Return the largest families with what their pages are called after."""
    return {row["family_id"]: slug(row["family_id"]) for row in m.q["families"].rows[:MAX_PAGES]}


def parts(m: Material) -> Mapping[str, Mapping[str, Any]]:
    """Return the page of each of the largest families: its rows of every query, and its picture where it is drawn."""
    explored: Explored | None = m.arrays["network"]
    drawn_roots = explored.drawn_roots if explored else frozenset()
    rows = {name: _by_family(m.q[name].rows) for name in QUERIES}
    known_words = words(m, explored)
    pages = {}
    for family in m.q["families"].rows[:MAX_PAGES]:
        family_id = family["family_id"]
        growth = _growth(rows["growth"].get(family_id, ()))
        pages[slug(family_id)] = {
            "title": family_id,
            "family": family,
            "rows": {name: found.get(family_id, ()) for name, found in rows.items()},
            "growth": growth[-MAX_BARS:],
            "most_in_quarter": max((row["n_models"] for row in growth), default=0),
            "is_drawn": family_id in drawn_roots,
            "drawn": explored.picture if explored else None,
            "words": known_words,
        }
    return pages


def _by_family(rows: Sequence[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row["family_id"], []).append(row)
    return found


def _growth(rows: Sequence[Row]) -> list[Row]:
    """Return a row per quarter from the first to the last, those without a model among them."""
    counted = {_quarter(row): row["n_models"] for row in rows}
    if not counted:
        return []
    return [
        {"label": f"{quarter // 4}-Q{quarter % 4 + 1}", "n_models": counted.get(quarter, 0)}
        for quarter in range(min(counted), max(counted) + 1)
    ]


def _quarter(row: Row) -> int:
    created = row["created_in_quarter"]
    return int(created.year * 4 + (created.month - 1) // 3)


PAGE = Page(
    title=N_("Families"),
    group="explore",
    order=1,
    parts=parts,
    context=lambda m: {"slugs": slugs(m), "words": words(m, m.arrays["network"]), "max_pages": MAX_PAGES},
)
