"""Downloads against overlap: the source's six-in-one, its four panels with trend lines, and the sweep over cuts.

Downloads run from zero to millions. Where an axis is logarithmic its position is log(1 + downloads), the symmetric
logarithm with constant 1, so that zero has a place of its own at the left end.
"""

from collections.abc import Sequence
from typing import Final

import altair as alt

from reports.figures.figure import (
    SHORT_COUNT,
    Figure,
    Panel,
    Rows,
    Translate,
    View,
    colour_of,
    colours,
    data,
    shape_of,
    shapes,
)

LOG_TICKS: Final = (0, 1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000)

_COLUMNS: Final = ("derived_model_id", "derived_downloads", "overlap_ratio")


def downloads_six(rows: Rows, tiers: Sequence[str], labels: Sequence[str], _: Translate) -> Figure | None:
    """Return linear, logarithmic and box panels a family, of the valid same-family pairs; None without any.

    ``rows`` have family_label, relation, derived_model_id, derived_downloads, download_tier, overlap_ratio;
    ``tiers`` are the tiers from fewest downloads to most.
    """
    panels = []
    for place, label in enumerate(labels):
        part = [row for row in _known(rows) if row["family_label"] == label and row["relation"] == "same"]
        if not part:
            continue
        n = _("%(family)s, same family, n %(n)d") % {"family": label, "n": len(part)}
        colour, shape = colour_of(label, labels), shape_of(label, labels)
        panels += [
            Panel(
                f"linear-{place}",
                _("%(group)s: linear scale") % {"group": n},
                _("Scatter of overlap against downloads on a linear axis, one point a pair."),
                scatter(part, _, colour=colour, shape=shape, log=False),
            ),
            Panel(
                f"log-{place}",
                _("%(group)s: log scale") % {"group": n},
                _("Scatter of overlap against downloads on a log(1 + downloads) axis, one point a pair."),
                scatter(part, _, colour=colour, shape=shape, log=True),
            ),
            Panel(
                f"box-{place}",
                _("%(group)s: by tier") % {"group": n},
                _("Box plots of overlap by download tier: median, quartiles, and points beyond 1.5 box lengths."),
                box_by_tier(part, tiers, _, colour=colour),
            ),
        ]
    if not panels:
        return None
    return Figure("downloads_against_overlap", _("Downloads against overlap, same family"), 3, tuple(panels))


def relation_panels(rows: Rows, labels: Sequence[str], _: Translate) -> Figure | None:
    """Return one panel a family and relation with a trend line; None without any valid pair with downloads."""
    panels = []
    titles = {"different": _("%(family)s, different family, n %(n)d"), "same": _("%(family)s, same family, n %(n)d")}
    for place, label in enumerate(labels):
        for relation, title in titles.items():
            part = [row for row in _known(rows) if row["family_label"] == label and row["relation"] == relation]
            if not part:
                continue
            panels.append(
                Panel(
                    f"trend-{place}-{relation}",
                    title % {"family": label, "n": len(part)},
                    _("Scatter of overlap against log(1 + downloads) with a least-squares line."),
                    trend(part, _, colour=colour_of(label, labels), shape=shape_of(label, labels)),
                )
            )
    if not panels:
        return None
    return Figure("trends", _("Overlap by downloads, with a linear trend in log(1 + downloads)"), 2, tuple(panels))


def sweep(rows: Rows, labels: Sequence[str], _: Translate) -> Figure | None:
    """Return the ratio of spreads at every cut on downloads, one line for each family; None without any.

    ``rows`` have family_label, downloads_cut, sd_ratio, n_low, n_high, is_significant.
    """
    part = [row for row in rows if row["family_label"] in labels and row["sd_ratio"] is not None]
    if not part:
        return None
    base = alt.Chart(data(part, "family_label", "downloads_cut", "sd_ratio", "n_low", "n_high", "p_holm"))
    x = _downloads_axis(part, "downloads_cut", _("cut: at most this many downloads against more"), log=True)
    y = alt.Y("sd_ratio:Q", title=_("sd below the cut / sd above"), scale=alt.Scale(zero=False))
    lines = base.mark_line(strokeWidth=1.5, opacity=0.7).encode(x=x, y=y, color=colours(labels, ""))
    points = base.mark_point(size=55, filled=True, opacity=1).encode(
        x=x,
        y=y,
        color=colours(labels, ""),
        shape=shapes(labels),
        tooltip=[
            alt.Tooltip("family_label:N", title=_("family")),
            alt.Tooltip("downloads_cut:Q", title=_("cut"), format=","),
            alt.Tooltip("sd_ratio:Q", title=_("ratio"), format=".3f"),
            alt.Tooltip("n_low:Q", title=_("n below")),
            alt.Tooltip("n_high:Q", title=_("n above")),
            alt.Tooltip("p_holm:Q", title=_("corrected p"), format=".2g"),
        ],
    )
    even = alt.Chart(alt.InlineData(values=[{"sd_ratio": 1}])).mark_rule(strokeDash=[4, 4]).encode(y="sd_ratio:Q")
    panel = Panel(
        "sweep",
        _("Ratio of spreads at every cut"),
        _("Line chart: ratio of the standard deviations below and above every cut on downloads; 1 means equal."),
        alt.layer(even, lines, points),
    )
    return Figure("download_sweep", _("Are low-download models noisier? Every cut on downloads"), 1, (panel,))


def scatter(rows: Rows, _: Translate, *, colour: str, shape: str, log: bool) -> View:
    """Return overlap against downloads, one point a pair; a log axis shows log(1 + downloads)."""
    return (
        alt.Chart(data(rows, *_COLUMNS))
        .mark_point(filled=True, size=42, opacity=0.7, color=colour, shape=shape)
        .encode(
            x=_downloads_axis(rows, "derived_downloads", _downloads_title(_, log=log), log=log),
            y=alt.Y("overlap_ratio:Q", title=_("overlap"), scale=alt.Scale(domain=[0, 1])),
            tooltip=_tooltip(_),
        )
    )


def box_by_tier(rows: Rows, tiers: Sequence[str], _: Translate, *, colour: str) -> View:
    """Return box plots of overlap, one a download tier that has pairs."""
    present = [tier for tier in tiers if any(row["download_tier"] == tier for row in rows)]
    return (
        alt.Chart(data(rows, "download_tier", "overlap_ratio"))
        .mark_boxplot(
            size=26, color=colour, box={"opacity": 0.4}, median={"color": colour, "thickness": 3}, outliers={"size": 24}
        )
        .encode(
            x=alt.X("download_tier:N", title=_("downloads"), sort=present, axis=alt.Axis(labelAngle=0)),
            y=alt.Y("overlap_ratio:Q", title=_("overlap"), scale=alt.Scale(domain=[0, 1])),
            color=alt.value(colour),  # the mark's own colour does not reach the tick of a tier with a single pair
        )
    )


def trend(rows: Rows, _: Translate, *, colour: str, shape: str) -> View:
    """Return overlap against log(1 + downloads) with a dashed least-squares line, where there are three points or more.

    The overlap axis fits the data: different-family overlaps are a hundredth of same-family ones.
    """
    x = _downloads_axis(rows, "derived_downloads", _downloads_title(_, log=True), log=True)
    base = alt.Chart(data(rows, *_COLUMNS))
    points = base.mark_point(filled=True, size=42, opacity=0.7, color=colour, shape=shape).encode(
        x=x, y=alt.Y("overlap_ratio:Q", title=_("overlap")), tooltip=_tooltip(_)
    )
    if len({row["derived_downloads"] for row in rows}) < 3:
        return alt.layer(points)
    line = (
        base.transform_calculate(log_downloads="log(1 + datum.derived_downloads)")
        .transform_regression("log_downloads", "overlap_ratio")
        .transform_calculate(derived_downloads="exp(datum.log_downloads) - 1")
        .mark_line(color="#b3261e", strokeDash=[6, 4], strokeWidth=2)
        .encode(x="derived_downloads:Q", y="overlap_ratio:Q")
    )
    return alt.layer(points, line)


def _known(rows: Rows) -> Rows:
    return [row for row in rows if row["derived_downloads"] is not None]


def _downloads_title(_: Translate, *, log: bool) -> str:
    return _("downloads, log(1 + x) scale") if log else _("downloads")


def _downloads_axis(rows: Rows, field: str, title: str, *, log: bool) -> alt.X:
    most = max(row[field] for row in rows)
    if not log:
        return alt.X(f"{field}:Q", title=title, axis=alt.Axis(labelExpr=SHORT_COUNT, tickCount=5))
    ticks = [tick for tick in LOG_TICKS if tick <= max(most, 1)]
    return alt.X(
        f"{field}:Q",
        title=title,
        scale=alt.Scale(type="symlog", constant=1, domain=[0, max(most, 1)], nice=False),
        axis=alt.Axis(values=ticks, labelExpr=SHORT_COUNT),
    )


def _tooltip(_: Translate) -> list[alt.Tooltip]:
    return [
        alt.Tooltip("derived_model_id:N", title=_("model")),
        alt.Tooltip("derived_downloads:Q", title=_("downloads"), format=","),
        alt.Tooltip("overlap_ratio:Q", title=_("overlap"), format=".4f"),
    ]
