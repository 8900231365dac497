"""Which licences models state, and what becomes of them from parent to child."""

from typing import Final

from reports.figures.figure import Figure
from reports.site.labelled import becoming, labelled, models_and_downloads, shares
from reports.site.page import Material, Page, Question
from reports.site.words import N_

_TRANSITIONS: Final = {
    "kept": "blue",
    "switched": "green",
    "tightened": "orange",
    "relaxed": "yellow",
    "unknown": "grey",
    "dropped": "pink",
    "added": "sky",
    "none stated": "faint",
}


def figures(m: Material) -> tuple[Figure | None, ...]:
    """Return the figures of the page, in reading order."""
    if not m.is_observed:
        return ()
    _ = m.translate
    return (
        shares(
            "licence_families",
            _("Models and downloads by family of licences"),
            _("Bars: share of models and share of downloads under each family of licences."),
            labelled(m.q["licence_families"].rows, "license_family", m.word, "licence"),
            models_and_downloads(_),
        ),
        becoming(
            "licence_transitions",
            _("What becomes of the parent's licence"),
            _("Stacked bars: share of edges of each relation whose child keeps, changes, drops or adds a licence."),
            m.q["transitions_by_relation"].rows,
            column="transition",
            colours=_TRANSITIONS,
            word=m.word,
            axis=_("share of edges"),
        ),
    )


PAGE = Page(
    title=N_("Licences, from parent to child"),
    short=N_("Licences"),
    group="ecosystem",
    order=3,
    questions=(
        Question("licences", N_("Which licences do models state?"), "stated"),
        Question("transitions", N_("Does a child keep its parent's licence?"), "transitions"),
        Question("adoption", N_("Are base models under some licences adopted more?"), "adoption"),
    ),
    figures=figures,
)
