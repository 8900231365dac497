"""Rows of queries as the bars and lines of charts, and the colours that several pages share."""

from collections.abc import Mapping
from typing import Any, Final

from reports.figures import charts
from reports.figures.charts import Bar, Point, Series
from reports.figures.drawing import counts, days
from reports.figures.figure import Figure, Panel, Rows, Translate
from reports.site import formats
from reports.site.page import Words

MAX_BARS: Final = 10
"""Rows of a table, its first ones, that its chart shows."""

TYPE_COLOURS: Final = {
    "base": "blue",
    "finetune": "orange",
    "quantized": "green",
    "adapter": "pink",
    "merge": "yellow",
    "unknown": "grey",
}
"""The colour of each type of model, everywhere on the site."""

RELATION_COLOURS: Final = {"same": "blue", "different": "orange", "unknown": "grey"}
"""The colour of each relation of a pair, everywhere on the site."""


def one(name: str, panel: Panel) -> Figure:
    """Return a figure of one panel, whose title is the figure's."""
    return Figure(name, panel.title, (panel,))


def models_and_downloads(_: Translate) -> dict[str, str]:
    """Return the columns of two shares that often stand side by side, with their words."""
    return {"share_models": _("of models"), "share_downloads": _("of downloads")}


def labelled(rows: Rows, column: str, word: Words, kind: str = "") -> list[dict[str, Any]]:
    """Return ``rows`` with the word for the code in ``column`` as their label."""
    return [{**row, "label": str(word(row[column], kind))} for row in rows]


def shares(name: str, title: str, description: str, rows: Rows, measures: Mapping[str, str]) -> Figure | None:
    """Return bars of the shares in the columns ``measures``, one below another for each label; None without any."""
    looks = dict(zip(measures, ("grey", "blue", "sky"), strict=False))
    drawn = [
        (
            str(row["label"]),
            [
                Bar(looks[column], row[column], formats.share(row[column]), f"{row['label']}, {words}")
                for column, words in measures.items()
                if row[column] is not None
            ],
        )
        for row in rows
    ]
    if not any(bars for _label, bars in drawn):
        return None
    present = {
        looks[column]: words for column, words in measures.items() if any(row[column] is not None for row in rows)
    }
    return one(name, charts.bars(title, description, drawn, present))


def becoming(
    name: str,
    title: str,
    description: str,
    rows: Rows,
    *,
    column: str,
    colours: Mapping[str, str],
    word: Words,
    axis: str,
) -> Figure | None:
    """Return for each relation one bar of what becomes of its edges, by the codes in ``column``; None without any."""
    if not rows:
        return None
    relations: dict[str, list[Bar]] = {}
    for row in sorted(rows, key=lambda row: row[f"{column}_order"]):
        outcome = word(row[column], column)
        words = f"{outcome}: {formats.share(row['share'])} ({formats.count(row['n_edges'])})"
        relations.setdefault(row["relation"], []).append(Bar(colours[row[column]], row["share"], "", words))
    bars = [(str(word(relation)), relations[relation]) for relation in dict.fromkeys(row["relation"] for row in rows)]
    present = {row[column] for row in rows}
    legend = {look: str(word(code, column)) for code, look in colours.items() if code in present}
    return one(name, charts.stacked(title, description, bars, legend, axis=axis))


def over_time(
    name: str,
    title: str,
    description: str,
    rows: Rows,
    *,
    legend: Mapping[str, str],
    axis: str,
    n_days: int = 31,
) -> Figure | None:
    """Return stacked columns over time of rows with ``day``, ``look`` and ``n_models``; None without any."""
    if not rows:
        return None
    looks = {row["look"] for row in rows}
    parts = [(row["day"], row["look"], row["n_models"]) for row in rows]
    present = {look: words for look, words in legend.items() if look in looks}
    return one(name, charts.columns(title, description, parts, present, n_days=n_days, axis=axis))


def lines_by_day(
    name: str, title: str, description: str, rows: Rows, *, label: str, day: str, value: str, axis: str
) -> Figure | None:
    """Return a line of ``value`` over ``day`` for each ``label``; None without any."""
    if not rows:
        return None
    by_label: dict[str, list[Point]] = {}
    for row in rows:
        by_label.setdefault(row[label], []).append(Point(row[day].toordinal(), row[value]))
    looks = zip(by_label.items(), TYPE_COLOURS_IN_ORDER, strict=False)
    series = [Series(name_of, look, points) for (name_of, points), look in looks]
    x = days(min(row[day] for row in rows), max(row[day] for row in rows))
    y = counts(max(row[value] for row in rows))
    return one(name, charts.lines(title, description, series, x, y, axes=("", axis)))


TYPE_COLOURS_IN_ORDER: Final = ("blue", "orange", "green", "pink", "yellow", "sky")
"""The colours of groups without one of their own, the first group's first."""
