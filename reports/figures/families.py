"""Families against each other: the source's four-in-one, and overlap by relation."""

from collections.abc import Sequence

import altair as alt

from reports.figures.figure import PALETTE, SHAPES, Figure, Panel, Rows, Translate, View, colours, data


def family_comparison(rows: Rows, ranges: Rows, labels: Sequence[str], _: Translate) -> Figure | None:
    """Return histogram, box, cumulative and by-range panels of the valid same-family pairs; None without any.

    ``rows`` have family_label, relation, overlap_ratio; ``ranges`` have family_label, range_label, range_order, share,
    n_valid.
    """
    same = [row for row in rows if row["relation"] == "same" and row["family_label"] in labels]
    if not same:
        return None
    panels = [
        Panel(
            "histogram",
            _("Histogram"),
            _("Bars: number of same-family pairs in each tenth of overlap, by family."),
            histogram(same, labels, _),
        ),
        Panel(
            "box",
            _("Box plot"),
            _("Box plots of overlap by family: median, quartiles, and points beyond 1.5 box lengths."),
            box(same, labels, _),
        ),
        Panel(
            "cumulative",
            _("Cumulative distribution"),
            _("Step lines: share of same-family pairs with an overlap up to each value, by family."),
            cumulative(same, labels, _),
        ),
    ]
    present = [row for row in ranges if row["relation"] == "same" and row["family_label"] in labels]
    if present:
        panels.append(
            Panel(
                "ranges",
                _("By range of overlap"),
                _("Bars: share of same-family pairs in each range of overlap, by family."),
                by_range(present, labels, _),
            )
        )
    return Figure("family_comparison", _("Overlap of same-family pairs, by family"), 2, tuple(panels))


def overlap_by_relation(rows: Rows, labels: Sequence[str], _: Translate) -> Figure | None:
    """Return every valid pair as a point, a band a family and relation, its mean as a line; None without any.

    ``rows`` have family_label, relation, derived_model_id, overlap_ratio, jitter (-0.5..0.5).
    """
    words = {"same": _("same family"), "different": _("different family"), "unknown": _("unknown relation")}
    part = [
        {**row, "relation_words": words[row["relation"]]}
        for row in rows
        if row["family_label"] in labels and row["relation"] in words
    ]
    if not part:
        return None
    columns = ("family_label", "relation_words", "derived_model_id", "overlap_ratio", "jitter")
    present = [word for word in words.values() if any(row["relation_words"] == word for row in part)]
    panels = []
    for place, label in enumerate(labels):
        band = [row for row in part if row["family_label"] == label]
        if not band:
            continue
        base = alt.Chart(data(band, *columns))
        y = alt.Y(
            "relation_words:N",
            title=None,
            sort=present,
            axis=alt.Axis(grid=False, ticks=False, domain=False, labelPadding=8),
        )
        points = base.mark_point(
            filled=True, size=38, opacity=0.65, color=PALETTE[place % len(PALETTE)], shape=SHAPES[place % len(SHAPES)]
        ).encode(
            x=alt.X("overlap_ratio:Q", title=_("overlap"), scale=alt.Scale(domain=[0, 1])),
            y=y,
            yOffset=alt.YOffset("jitter:Q", scale=alt.Scale(domain=[-0.75, 0.75])),
            tooltip=[
                alt.Tooltip("derived_model_id:N", title=_("model")),
                alt.Tooltip("relation_words:N", title=_("relation")),
                alt.Tooltip("overlap_ratio:Q", title=_("overlap"), format=".4f"),
            ],
        )
        means = base.mark_tick(thickness=3, size=64, color="#1c1f24").encode(x="mean(overlap_ratio):Q", y=y)
        panels.append(
            Panel(
                f"relation-{place}",
                _("%(family)s, n %(n)d") % {"family": label, "n": len(band)},
                _("One point a pair: its overlap, in a band for each relation; a bar marks the mean of each band."),
                alt.layer(points, means),
            )
        )
    return Figure("overlap_by_relation", _("Overlap by family and relation"), 2, tuple(panels))


def histogram(rows: Rows, labels: Sequence[str], _: Translate) -> View:
    """Return overlaid histograms of overlap in tenths, a colour a family."""
    return (
        alt.Chart(data(rows, "family_label", "overlap_ratio"))
        .mark_bar(opacity=0.55)
        .encode(
            x=alt.X(
                "overlap_ratio:Q", bin=alt.Bin(step=0.1, extent=[0, 1]), title=_("overlap"), axis=alt.Axis(format=".1f")
            ),
            y=alt.Y("count():Q", stack=None, title=_("pairs")),
            color=colours(labels, ""),
            tooltip=[
                alt.Tooltip("family_label:N", title=_("family")),
                alt.Tooltip("overlap_ratio:Q", bin=alt.Bin(step=0.1, extent=[0, 1]), title=_("overlap")),
                alt.Tooltip("count():Q", title=_("pairs")),
            ],
        )
    )


def box(rows: Rows, labels: Sequence[str], _: Translate) -> View:
    """Return a box plot of overlap a family."""
    return (
        alt.Chart(data(rows, "family_label", "overlap_ratio"))
        .mark_boxplot(size=34, median={"color": "#ffffff"}, rule={"color": "#8a919c"}, outliers={"size": 24})
        .encode(
            x=alt.X("family_label:N", title=None, sort=list(labels), axis=alt.Axis(labelAngle=0)),
            y=alt.Y("overlap_ratio:Q", title=_("overlap"), scale=alt.Scale(domain=[0, 1])),
            color=colours(labels, None),
        )
    )


def cumulative(rows: Rows, labels: Sequence[str], _: Translate) -> View:
    """Return the empirical cumulative distribution of overlap, a step line for each family."""
    return (
        alt.Chart(data(rows, "family_label", "overlap_ratio"))
        .transform_window(share="cume_dist()", sort=[{"field": "overlap_ratio"}], groupby=["family_label"])
        .mark_line(interpolate="step-after", strokeWidth=2)
        .encode(
            x=alt.X("overlap_ratio:Q", title=_("overlap"), scale=alt.Scale(domain=[0, 1])),
            y=alt.Y("share:Q", title=_("share of pairs up to it"), axis=alt.Axis(format="%")),
            color=colours(labels, ""),
            strokeDash=alt.StrokeDash("family_label:N", sort=list(labels), legend=None),
        )
    )


def by_range(rows: Rows, labels: Sequence[str], _: Translate) -> View:
    """Return the share of pairs in each range of overlap, bars side by side by family."""
    order = [row["range_label"] for row in sorted(rows, key=lambda row: row["range_order"])]
    return (
        alt.Chart(data(rows, "family_label", "range_label", "share", "n_valid"))
        .mark_bar()
        .encode(
            x=alt.X("range_label:N", title=_("overlap"), sort=list(dict.fromkeys(order)), axis=alt.Axis(labelAngle=0)),
            xOffset=alt.XOffset("family_label:N", sort=list(labels)),
            y=alt.Y("share:Q", title=_("share of pairs"), axis=alt.Axis(format="%")),
            color=colours(labels, ""),
            tooltip=[
                alt.Tooltip("family_label:N", title=_("family")),
                alt.Tooltip("range_label:N", title=_("overlap")),
                alt.Tooltip("share:Q", title=_("share of pairs"), format=".1%"),
                alt.Tooltip("n_valid:Q", title=_("pairs")),
            ],
        )
    )
