"""Every family as a tree, all at once."""

from collections.abc import Mapping
from typing import Any

from reports.site.explored import Explored, data_files, read_explored, words
from reports.site.page import Material, Page
from reports.site.words import N_


def context(m: Material) -> Mapping[str, Any]:
    """Return how much is drawn, of how much, and the words of the picture."""
    explored: Explored | None = m.arrays["network"]
    if explored is None:
        return {"drawn": None, "words": words(m, None)}
    return {"drawn": explored.picture, "words": words(m, explored)}


PAGE = Page(
    title=N_("Network"),
    group="explore",
    order=0,
    read=read_explored,
    context=context,
    files=lambda m: data_files(m.arrays["network"]),
)
