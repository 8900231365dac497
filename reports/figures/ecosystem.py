"""Charts of the ecosystem: shares side by side, what becomes of a property, counts over time, reach and sizes.

Rows come with their words: ``label`` is what a reader sees, in the reader's language.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

import altair as alt

from reports.figures.figure import (
    PALETTE,
    SHORT_COUNT,
    Figure,
    Panel,
    Rows,
    Translate,
    data,
)

OTHER_COLOUR: Final = "#8a919c"
"""Colour of what is unknown or gathered under others."""

_BAR: Final = 11
_GAP: Final = 9
_LEAST_HEIGHT: Final = 90

_SHORT_SIZE: Final = (
    "datum.value >= 1e9 ? format(datum.value / 1e9, '~g') + 'B' : "
    "datum.value >= 1e6 ? format(datum.value / 1e6, '~g') + 'M' : "
    "datum.value >= 1e3 ? format(datum.value / 1e3, '~g') + 'k' : format(datum.value, '~g')"
)


def shares(
    name: str, title: str, description: str, rows: Rows, measures: Mapping[str, str], _: Translate
) -> Figure | None:
    """Return bars side by side, one for each of ``measures`` (column to words) a label; None without any share.

    ``rows`` have label and the columns of ``measures``, shares 0..1; one that is None has no bar.
    """
    long = [
        {"label": row["label"], "measure": words, "share": row[column]}
        for row in rows
        for column, words in measures.items()
        if row[column] is not None
    ]
    if not long:
        return None
    order = [words for words in measures.values() if any(row["measure"] == words for row in long)]
    chart = (
        alt.Chart(data(long, "label", "measure", "share"))
        .mark_bar(height=_BAR - 1)
        .encode(
            y=_names([row["label"] for row in rows]),
            yOffset=alt.YOffset("measure:N", sort=order),
            x=alt.X("share:Q", title=_("share"), axis=alt.Axis(format="%", tickCount=5)),
            color=_coloured("measure", dict(zip(order, PALETTE, strict=False))),
            tooltip=[
                alt.Tooltip("label:N", title=" "),
                alt.Tooltip("measure:N", title="  "),
                alt.Tooltip("share:Q", title=_("share"), format=".1%"),
            ],
        )
    )
    return Figure(name, title, 1, (Panel("shares", title, description, chart, _height(len(rows), len(order))),))


def outcomes(
    name: str, title: str, description: str, rows: Rows, kinds: Mapping[str, str], _: Translate
) -> Figure | None:
    """Return a bar a label, of the shares of its edges with each outcome; None without any edge.

    ``rows`` have label, outcome, outcome_order, n_edges and share; ``kinds`` maps each outcome to its colour.
    """
    if not rows:
        return None
    labels = list(dict.fromkeys(row["label"] for row in rows))
    present = _present(rows, "outcome", kinds)
    chart = (
        alt.Chart(data(rows, "label", "outcome", "outcome_order", "n_edges", "share"))
        .mark_bar(height=_BAR * 2)
        .encode(
            y=_names(labels),
            x=alt.X(
                "share:Q",
                title=_("share of edges"),
                scale=alt.Scale(domain=[0, 1]),
                axis=alt.Axis(format="%", tickCount=5),
            ),
            color=_coloured("outcome", present),
            order=alt.Order("outcome_order:Q"),
            tooltip=[
                alt.Tooltip("label:N", title=_("relation")),
                alt.Tooltip("outcome:N", title=" "),
                alt.Tooltip("n_edges:Q", title=_("edges"), format=","),
                alt.Tooltip("share:Q", title=_("share of edges"), format=".1%"),
            ],
        )
    )
    return Figure(name, title, 1, (Panel("outcomes", title, description, chart, _height(len(labels), 2)),))


def over_time(
    name: str,
    title: str,
    description: str,
    rows: Rows,
    kinds: Mapping[str, str],
    _: Translate,
    *,
    quarterly: bool = False,
) -> Figure | None:
    """Return stacked columns of models made in each month or quarter, by kind; None without any.

    ``rows`` have day (the first of the month or quarter), kind and n_models; ``kinds`` maps each kind to its colour, in
    the order of the stack.
    """
    if not rows:
        return None
    unit: Literal["utcyearquarter", "utcyearmonth"] = "utcyearquarter" if quarterly else "utcyearmonth"
    present = _present(rows, "kind", kinds)
    order = {kind: place for place, kind in enumerate(present)}
    part = [{**row, "day": row["day"].isoformat(), "place": order[row["kind"]]} for row in rows]
    chart = (
        alt.Chart(data(part, "day", "kind", "place", "n_models"))
        .mark_bar()
        .encode(
            x=alt.X("day:T", timeUnit=unit, title=_("created"), axis=alt.Axis(format="%Y-%m", tickCount=6, grid=False)),
            y=alt.Y("n_models:Q", title=_("models"), axis=alt.Axis(labelExpr=SHORT_COUNT, tickMinStep=1)),
            color=_coloured("kind", present),
            order=alt.Order("place:Q"),
            tooltip=[
                alt.Tooltip("day:T", timeUnit=unit, title=_("created"), format="%Y-%m"),
                alt.Tooltip("kind:N", title=" "),
                alt.Tooltip("n_models:Q", title=_("models"), format=","),
            ],
        )
    )
    return Figure(name, title, 1, (Panel("time", title, description, chart),))


def growth(rows: Rows, _: Translate) -> Figure | None:
    """Return the members that each family had by the end of each month, one line for each family; None without any.

    ``rows`` have family_label, created_in_month, n_so_far: at most six families, the largest first.
    """
    if not rows:
        return None
    labels = list(dict.fromkeys(row["family_label"] for row in rows))
    part = [{**row, "day": row["created_in_month"].isoformat()} for row in rows]
    chart = (
        alt.Chart(data(part, "family_label", "day", "n_so_far"))
        .mark_line(strokeWidth=2)
        .encode(
            x=alt.X("day:T", timeUnit="utcyearmonth", title=_("month"), axis=alt.Axis(format="%Y-%m", tickCount=6)),
            y=alt.Y("n_so_far:Q", title=_("models"), axis=alt.Axis(labelExpr=SHORT_COUNT, tickMinStep=1)),
            color=_coloured("family_label", dict(zip(labels, PALETTE, strict=False)), columns=1, symbol="stroke"),
            strokeDash=alt.StrokeDash("family_label:N", sort=labels, legend=None),
            tooltip=[
                alt.Tooltip("family_label:N", title=_("family")),
                alt.Tooltip("day:T", timeUnit="utcyearmonth", title=_("month"), format="%Y-%m"),
                alt.Tooltip("n_so_far:Q", title=_("models"), format=","),
            ],
        )
    )
    title = _("How the largest families grew")
    description = _("Lines: members of each of the largest families created up to each month.")
    return Figure("family_growth", title, 1, (Panel("growth", title, description, chart),))


def counts(
    name: str, title: str, description: str, rows: Rows, kinds: Mapping[str, str], _: Translate
) -> Figure | None:
    """Return a bar a label of numbers of models, its parts coloured by kind; None without any.

    ``rows`` have label, kind and n_models; ``kinds`` maps each kind to its colour, in the order of the parts.
    """
    if not rows:
        return None
    present = _present(rows, "kind", kinds)
    order = {kind: place for place, kind in enumerate(present)}
    part = [{**row, "place": order[row["kind"]]} for row in rows]
    labels = list(dict.fromkeys(row["label"] for row in rows))
    chart = (
        alt.Chart(data(part, "label", "kind", "place", "n_models"))
        .mark_bar(height=_BAR + 3)
        .encode(
            y=_names(labels),
            x=alt.X("n_models:Q", title=_("models"), axis=alt.Axis(labelExpr=SHORT_COUNT, tickCount=5, tickMinStep=1)),
            color=_coloured("kind", present),
            order=alt.Order("place:Q"),
            tooltip=[
                alt.Tooltip("label:N", title=" "),
                alt.Tooltip("kind:N", title="  "),
                alt.Tooltip("n_models:Q", title=_("models"), format=","),
            ],
        )
    )
    return Figure(name, title, 1, (Panel("counts", title, description, chart, _height(len(labels), 1.3)),))


def sizes(rows: Rows, _: Translate) -> Figure | None:
    """Return the median number of parameters by quarter, in a band of the middle half; None for a single quarter.

    ``rows`` have created_in_quarter, n_sized, quartile_1, median_params, quartile_3.
    """
    if len(rows) < 2:
        return None
    part = [{**row, "day": row["created_in_quarter"].isoformat()} for row in rows]
    scale = alt.Scale(type="log", nice=False)
    base = alt.Chart(data(part, "day", "n_sized", "quartile_1", "median_params", "quartile_3")).encode(
        x=alt.X("day:T", timeUnit="utcyearquarter", title=_("created"), axis=alt.Axis(format="%Y-%m", tickCount=6))
    )
    axis = alt.Axis(labelExpr=_SHORT_SIZE, tickCount=5)
    band = base.mark_area(opacity=0.2, color=PALETTE[0]).encode(
        y=alt.Y("quartile_1:Q", title=_("parameters, log scale"), scale=scale, axis=axis), y2="quartile_3:Q"
    )
    line = base.mark_line(point=True, strokeWidth=2, color=PALETTE[0]).encode(
        y=alt.Y("median_params:Q", scale=scale),
        tooltip=[
            alt.Tooltip("day:T", timeUnit="utcyearquarter", title=_("created"), format="%Y-%m"),
            alt.Tooltip("median_params:Q", title=_("median"), format=",.0f"),
            alt.Tooltip("quartile_1:Q", title=_("first quartile"), format=",.0f"),
            alt.Tooltip("quartile_3:Q", title=_("third quartile"), format=",.0f"),
            alt.Tooltip("n_sized:Q", title=_("models"), format=","),
        ],
    )
    title = _("Number of parameters by quarter of creation")
    description = _("Line with a band: median number of parameters by quarter of creation, and its middle half.")
    return Figure("sizes", title, 1, (Panel("sizes", title, description, alt.layer(band, line)),))


def _names(labels: Sequence[str]) -> alt.Y:
    axis = alt.Axis(labelLimit=150, labelOverlap=False, ticks=False, domain=False, labelPadding=6)
    return alt.Y("label:N", title=None, sort=list(dict.fromkeys(labels)), axis=axis)


def _coloured(field: str, kinds: Mapping[str, str], columns: int = 3, symbol: str = "square") -> alt.Color:
    legend: Any = None
    if len(kinds) > 1:
        legend = alt.Legend(title="", orient="top", columns=min(columns, len(kinds)), symbolType=symbol, labelLimit=300)
    return alt.Color(f"{field}:N", scale=alt.Scale(domain=list(kinds), range=list(kinds.values())), legend=legend)


def _present(rows: Rows, field: str, kinds: Mapping[str, str]) -> dict[str, str]:
    """Return the kinds that occur with their colours, in the order given; one that has no colour comes last, grey."""
    occurring = dict.fromkeys(row[field] for row in rows)
    return {kind: colour for kind, colour in kinds.items() if kind in occurring} | {
        kind: OTHER_COLOUR for kind in occurring if kind not in kinds
    }


def _height(n_labels: int, n_bars: float) -> int:
    return max(_LEAST_HEIGHT, round(n_labels * (n_bars * _BAR + _GAP)))
