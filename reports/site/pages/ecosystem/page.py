"""What kinds of models there are, when they are made, and which families they form."""

from reports.figures import ecosystem
from reports.figures.figure import Figure
from reports.site.labelled import TYPE_COLOURS, labelled, models_and_downloads
from reports.site.page import Material, Page, Question
from reports.site.words import N_


def figures(m: Material) -> tuple[Figure | None, ...]:
    """Return the figures of the page, in reading order."""
    if not m.is_observed:
        return ()
    _, word = m.translate, m.word
    types = {word(kind): colour for kind, colour in TYPE_COLOURS.items()}
    made = [
        {"day": row["created_in_month"], "kind": word(row["model_type"]), "n_models": row["n_models"]}
        for row in m.q["releases_by_month"]
    ]
    return (
        ecosystem.shares(
            "model_types",
            _("Models and downloads by type"),
            _("Bars: share of models and share of downloads of each type of model."),
            labelled(m.q["types"].rows, "model_type", word),
            models_and_downloads(_),
            _,
        ),
        ecosystem.over_time(
            "releases",
            _("Models made each month, by type"),
            _("Stacked columns: number of models created in each month, by type of model."),
            made,
            types,
            _,
        ),
        ecosystem.growth(m.q["family_growth"].rows, _),
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
