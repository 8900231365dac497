"""How models are built, and how well they are documented."""

from typing import Final

from reports.figures import ecosystem
from reports.figures.ecosystem import OTHER_COLOUR
from reports.figures.figure import PALETTE, Figure
from reports.site.labelled import GREEN, PINK, RED, SKY, YELLOW, labelled
from reports.site.page import Material, Page, Question
from reports.site.words import N_

_TECHNIQUE_KINDS: Final = {
    "fine-tuning": RED,
    "preference optimisation": PINK,
    "distillation": SKY,
    "merge": YELLOW,
    "quantization format": GREEN,
}


def figures(m: Material) -> tuple[Figure | None, ...]:
    """Return the figures of the page, in reading order."""
    if not m.is_observed:
        return ()
    _, word = m.translate, m.word
    common = m.q["architectures_by_quarter"].rows
    others = _("others")
    made = [
        {
            "day": row["created_in_quarter"],
            "kind": others if row["place"] > len(PALETTE) - 1 else row["architecture"],
            "n_models": row["n_models"],
        }
        for row in common
    ]
    ranked = sorted({(row["place"], row["architecture"]) for row in common if row["place"] < len(PALETTE)})
    colours = {architecture: PALETTE[place - 1] for place, architecture in ranked} | {others: OTHER_COLOUR}
    named = [
        {
            "label": row["technique"],
            "kind": word(row["technique_kind"], "technique"),
            "n_models": row["n_models"],
        }
        for row in m.q["techniques"]
    ]
    return (
        ecosystem.over_time(
            "architectures",
            _("Models made each quarter, by architecture"),
            _("Stacked columns: number of models created in each quarter, by architecture."),
            made,
            colours,
            _,
            quarterly=True,
        ),
        ecosystem.sizes(m.q["sizes_by_quarter"].rows, _),
        ecosystem.counts(
            "techniques",
            _("Models that name a technique"),
            _("Bars: number of models that name each technique in a tag or in their name, coloured by its kind."),
            named,
            {word(kind, "technique"): colour for kind, colour in _TECHNIQUE_KINDS.items()},
            _,
        ),
        ecosystem.shares(
            "documentation",
            _("Cards that speak of a topic"),
            _("Bars: share of the model cards of base models and of derived models that speak of each topic."),
            labelled(m.q["documentation"].rows, "topic", word, "topic"),
            {"share_base": _("base models"), "share_derived": _("derived models")},
            _,
        ),
    )


PAGE = Page(
    title=N_("Architectures, techniques and documentation"),
    short=N_("Making"),
    group="ecosystem",
    order=5,
    questions=(
        Question("architectures", N_("Which architectures are built, and when?"), "architectures"),
        Question("sizes", N_("How large are models, and do they grow?"), "sizes"),
        Question("techniques", N_("How were models fine-tuned, merged or quantized?"), "techniques"),
        Question("documentation", N_("Do model cards speak of limits, bias and risks?"), "documented"),
    ),
    figures=figures,
)
