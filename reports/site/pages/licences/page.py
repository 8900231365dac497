"""Which licences models state, and what becomes of them from parent to child."""

from typing import Final

from reports.figures import ecosystem
from reports.figures.ecosystem import OTHER_COLOUR
from reports.figures.figure import Figure
from reports.site.labelled import BLUE, GREEN, PINK, RED, SKY, YELLOW, labelled, models_and_downloads, outcomes
from reports.site.page import Material, Page, Question
from reports.site.words import N_

_TRANSITIONS: Final = {
    "kept": BLUE,
    "switched": SKY,
    "tightened": RED,
    "relaxed": YELLOW,
    "unknown": OTHER_COLOUR,
    "dropped": PINK,
    "added": GREEN,
    "none stated": "#c9ced6",
}


def figures(m: Material) -> tuple[Figure | None, ...]:
    """Return the figures of the page, in reading order."""
    if not m.is_observed:
        return ()
    _, word = m.translate, m.word
    return (
        ecosystem.shares(
            "licence_families",
            _("Models and downloads by family of licences"),
            _("Bars: share of models and share of downloads under each family of licences."),
            labelled(m.q["licence_families"].rows, "license_family", word, "licence"),
            models_and_downloads(_),
            _,
        ),
        ecosystem.outcomes(
            "licence_transitions",
            _("What becomes of the parent's licence"),
            _("Stacked bars: share of edges of each relation whose child keeps, changes, drops or adds a licence."),
            outcomes(m.q["transitions_by_relation"].rows, "transition", word),
            {word(code, "transition"): colour for code, colour in _TRANSITIONS.items()},
            _,
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
