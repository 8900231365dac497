"""How models are built, and how well they are documented."""

from typing import Final

from reports.figures import charts
from reports.figures.charts import Bar, Point, Series
from reports.figures.drawing import days, logarithmic
from reports.figures.figure import Figure
from reports.site import formats
from reports.site.labelled import TYPE_COLOURS_IN_ORDER, labelled, one, over_time, shares
from reports.site.page import Material, Page, Question
from reports.site.words import N_

_KINDS: Final = {
    "fine-tuning": "orange",
    "preference optimisation": "pink",
    "distillation": "sky",
    "merge": "yellow",
    "quantization format": "green",
}

N_ARCHITECTURES: Final = 5
"""Architectures with a colour of their own; the rest is gathered."""


def figures(m: Material) -> tuple[Figure | None, ...]:
    """Return the figures of the page, in reading order."""
    if not m.is_observed:
        return ()
    _ = m.translate
    common = m.q["architectures_by_quarter"].rows
    ranked = sorted({(row["place"], row["architecture"]) for row in common if row["place"] <= N_ARCHITECTURES})
    looks = {architecture: TYPE_COLOURS_IN_ORDER[place - 1] for place, architecture in ranked}
    made = [
        {
            "day": row["created_in_quarter"],
            "look": looks[row["architecture"]] if row["place"] <= N_ARCHITECTURES else "grey",
            "n_models": row["n_models"],
        }
        for row in common
    ]
    return (
        over_time(
            "architectures",
            _("Models made each quarter, by architecture"),
            _("Stacked columns: number of models created in each quarter, by architecture."),
            made,
            legend={look: architecture for architecture, look in looks.items()} | {"grey": _("others")},
            axis=_("models made in the quarter"),
            n_days=91,
        ),
        _sizes(m),
        _techniques(m),
        shares(
            "documentation",
            _("Cards that speak of a topic"),
            _("Bars: share of the model cards of base models and of derived models that speak of each topic."),
            labelled(m.q["documentation"].rows, "topic", m.word, "topic"),
            {"share_base": _("base models"), "share_derived": _("derived models")},
        ),
    )


def _sizes(m: Material) -> Figure | None:
    _, rows = m.translate, m.q["sizes_by_quarter"].rows
    if len(rows) < 2:
        return None
    columns = {"quartile_3": _("third quartile"), "median_params": _("median"), "quartile_1": _("first quartile")}
    series = [
        Series(words, look, [Point(row["created_in_quarter"].toordinal(), row[column]) for row in rows])
        for (column, words), look in zip(columns.items(), ("sky", "blue", "faint"), strict=True)
    ]
    x = days(rows[0]["created_in_quarter"], rows[-1]["created_in_quarter"])
    y = logarithmic(min(row["quartile_1"] for row in rows), max(row["quartile_3"] for row in rows))
    panel = charts.lines(
        _("Number of parameters by quarter of creation"),
        _("Lines: median number of parameters by quarter of creation, and the quartiles around it."),
        series,
        x,
        y,
        axes=("", _("parameters, log scale")),
    )
    return one("sizes", panel)


def _techniques(m: Material) -> Figure | None:
    rows = m.q["techniques"].rows
    if not rows:
        return None
    bars = [
        (
            row["technique"],
            [
                Bar(
                    _KINDS.get(row["technique_kind"], "grey"),
                    row["n_models"],
                    formats.count(row["n_models"]),
                    str(m.word(row["technique_kind"], "technique")),
                )
            ],
        )
        for row in rows
    ]
    present = {row["technique_kind"] for row in rows}
    panel = charts.bars(
        m.translate("Models that name a technique"),
        m.translate("Bars: number of models that name each technique in a tag or in their name, coloured by its kind."),
        bars,
        {look: str(m.word(kind, "technique")) for kind, look in _KINDS.items() if kind in present},
    )
    return one("techniques", panel)


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
