"""Rows of queries with the words that charts write beside them, and the colours that several pages share."""

from typing import Any, Final

from reports.figures.ecosystem import OTHER_COLOUR
from reports.figures.figure import PALETTE, Rows, Translate
from reports.site.page import Words

MAX_BARS: Final = 10
"""Rows of a table, its first ones, that its chart shows."""

BLUE, RED, GREEN, PINK, YELLOW, SKY = PALETTE

TYPE_COLOURS: Final = {
    "base": BLUE,
    "finetune": RED,
    "quantized": GREEN,
    "adapter": PINK,
    "merge": YELLOW,
    "unknown": OTHER_COLOUR,
}
"""The colour of each type of model, everywhere on the site."""


def models_and_downloads(_: Translate) -> dict[str, str]:
    """Return the columns of two shares that often stand side by side, with their words."""
    return {"share_models": _("of models"), "share_downloads": _("of downloads")}


def labelled(rows: Rows, column: str, word: Words, kind: str = "") -> list[dict[str, Any]]:
    """Return ``rows`` with the word for the code in ``column`` as their label."""
    return [{**row, "label": word(row[column], kind)} for row in rows]


def outcomes(rows: Rows, column: str, word: Words) -> list[dict[str, Any]]:
    """Return rows of edges with the words for their relation and for what ``column`` says becomes of them."""
    return [
        {
            "label": word(row["relation"]),
            "outcome": word(row[column], column),
            "outcome_order": row[f"{column}_order"],
            "n_edges": row["n_edges"],
            "share": row["share"],
        }
        for row in rows
    ]
