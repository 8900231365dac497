"""The way in: what was found, in one screen."""

from reports.figures import downloads, families
from reports.figures.figure import Figure
from reports.site.page import Material, Page
from reports.site.reading import MAX_CHARTED_FAMILIES
from reports.site.words import N_


def figures(m: Material) -> tuple[Figure | None, ...]:
    """Return the figures of the first study."""
    if not m.studies:
        return ()
    labels = m.studies[0].labels[:MAX_CHARTED_FAMILIES]
    pairs = m.studies[0].results["study"]["pairs"].rows
    return (
        families.overlap_by_relation(pairs, labels, m.translate),
        downloads.relation_panels(pairs, labels, m.translate),
    )


PAGE = Page(title=N_("Findings"), group="home", order=1, figures=figures)
