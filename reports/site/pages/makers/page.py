"""Where models come from, whose matter to others, and how few have most of the downloads."""

from reports.figures.figure import Figure
from reports.site.labelled import MAX_BARS, labelled, models_and_downloads, shares
from reports.site.page import Material, Page, Question
from reports.site.words import N_


def figures(m: Material) -> tuple[Figure | None, ...]:
    """Return the figures of the page, in reading order."""
    if not m.is_observed:
        return ()
    _ = m.translate
    return (
        shares(
            "countries",
            _("Models and downloads by country, where it is known"),
            _("Bars: share of models and share of downloads of each country, among authors whose country is known."),
            [{**row, "label": m.locale.country(row["country"])} for row in m.q["countries"].rows[:MAX_BARS]],
            models_and_downloads(_),
        ),
        shares(
            "concentration",
            _("Share of downloads that the first have"),
            _("Bars: share of all downloads of the first, first 10 and first 100 authors, vendors and families."),
            labelled(m.q["concentration"].rows, "scope", m.word, "scope"),
            {"share_top_1": _("first"), "share_top_10": _("first 10"), "share_top_100": _("first 100")},
        ),
    )


PAGE = Page(
    title=N_("Who makes models, and whose matter"),
    short=N_("Makers"),
    group="ecosystem",
    order=2,
    questions=(
        Question("origins", N_("Which countries and vendors do models come from?"), "origins"),
        Question("reputation", N_("Whose models matter to others?"), "reputation"),
        Question("concentration", N_("How concentrated are downloads?"), "concentration"),
    ),
    figures=figures,
)
