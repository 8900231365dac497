"""What kinds of models there are, when they are made, and which families they form."""

from reports.figures.figure import Figure
from reports.site.labelled import TYPE_COLOURS, labelled, lines_by_day, models_and_downloads, over_time, shares
from reports.site.page import Material, Page, Question
from reports.site.words import N_


def figures(m: Material) -> tuple[Figure | None, ...]:
    """Return the figures of the page, in reading order."""
    if not m.is_observed:
        return ()
    _ = m.translate
    made = [
        {"day": row["created_in_month"], "look": TYPE_COLOURS[row["model_type"]], "n_models": row["n_models"]}
        for row in m.q["releases_by_month"]
    ]
    return (
        shares(
            "model_types",
            _("Models and downloads by type"),
            _("Bars: share of models and share of downloads of each type of model."),
            labelled(m.q["types"].rows, "model_type", m.word),
            models_and_downloads(_),
        ),
        over_time(
            "releases",
            _("Models made each month, by type"),
            _("Stacked columns: number of models created in each month, by type of model."),
            made,
            legend={look: str(m.word(code)) for code, look in TYPE_COLOURS.items()},
            axis=_("models made in the month"),
        ),
        lines_by_day(
            "family_growth",
            _("How the largest families grew"),
            _("Lines: members of each of the largest families created up to each month."),
            m.q["family_growth"].rows,
            label="family_label",
            day="created_in_month",
            value="n_so_far",
            axis=_("members so far"),
        ),
    )


PAGE = Page(
    title=N_("Models, families and their growth"),
    short=N_("Families and growth"),
    group="ecosystem",
    order=1,
    questions=(
        Question("types", N_("What kinds of models are there, and which are downloaded?"), "types"),
        Question("releases", N_("How many models are made, and when?"), "releases"),
        Question("dynamics", N_("How soon, and for how long, do others build on a base model?"), "dynamics"),
        Question("families", N_("Which families are there, and how do they grow?"), "families"),
        Question("hubs", N_("Which models does the lineage lead back to?"), "hubs"),
    ),
    figures=figures,
)
