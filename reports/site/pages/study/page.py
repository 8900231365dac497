"""One study: what it found, in at most five figures and one table of every pair."""

from collections.abc import Sequence
from typing import Final

from reports.figures import charts
from reports.figures.charts import Interval, Point, Series
from reports.figures.drawing import Scale, downloads, linear, logarithmic
from reports.figures.figure import Figure, Panel
from reports.site import formats
from reports.site.findings import finding
from reports.site.labelled import RELATION_COLOURS, TYPE_COLOURS_IN_ORDER, one
from reports.site.page import Material, Page
from reports.site.pairs import bands, grouped, words_of
from reports.site.queries import Row
from reports.site.reading import MAX_CHARTED_FAMILIES
from reports.site.words import N_

MAX_BANDS: Final = 4
"""Families of a study that have a chart of their own; those of a larger study are drawn together."""

MAX_IN_FOREST: Final = 12
"""Families of a forest plot: those with the most relatives."""

HEAT_STEPS: Final = (0.05, 0.2, 0.4, 0.6, 0.8)
"""Overlaps from which on a cell of the heatmap is a shade darker."""

MAX_CELLS_ACROSS: Final = 400
"""Models across a heatmap; of a larger matrix the first by id are drawn."""


def figures(m: Material) -> tuple[Figure | None, ...]:
    """Return the figures of the study, in reading order; the title of each says what it shows."""
    if m.study is None:
        return ()
    last = _heatmap(m) or _by_k(m)
    return (_relations(m), _downloads(m), _families(m) or _roc(m), _spread(m), last)


def _title(m: Material, name: str) -> str:
    return m.translate(finding(name, m.q["headlines"]).words)


def _relations(m: Material) -> Figure | None:
    _, rows = m.translate, m.q["pairs"].rows
    if not rows or m.study is None:
        return None
    description = _("One point a pair: its overlap, in a band for each relation; a bar marks the mean of each band.")
    labels = list(m.study.labels) if len(m.study.labels) <= MAX_BANDS else []
    parts = {label: grouped(rows, label) for label in labels}
    drawn = {label: part for label, part in parts.items() if part} or {_("all families"): grouped(rows)}
    panels = [
        charts.strip(label, description, bands(m, part), linear(0, 1), _("overlap")) for label, part in drawn.items()
    ]
    return Figure("overlap_by_relation", _title(m, "same_vs_different"), tuple(panels))


def _downloads(m: Material) -> Figure | None:
    _ = m.translate
    rows = [row for row in m.q["pairs"] if row["derived_downloads"] is not None and row["relation"] != "unknown"]
    if not rows or m.study is None:
        return None
    x = downloads(max(row["derived_downloads"] for row in rows))
    panels = []
    for relation in ("same", "different"):
        part = [row for row in rows if row["relation"] == relation]
        if not part:
            continue
        labels = [label for label in m.study.labels if any(row["family_label"] == label for row in part)]
        series = [
            Series(label, look, [_point(m, row) for row in part if row["family_label"] == label])
            for label, look in zip(labels, TYPE_COLOURS_IN_ORDER, strict=False)
        ]
        if len(labels) > len(series):
            series = [Series(m.word(relation), RELATION_COLOURS[relation], [_point(m, row) for row in part])]
        y = linear(0, 1) if relation == "same" else linear(0, max(row["overlap_ratio"] for row in part) or 1, "{:.3g}")
        panels.append(
            charts.scatter(
                f"{m.word(relation)}{m.translate(', ')}n {formats.count(len(part))}",
                _("Scatter of overlap against log(1 + downloads), one point a pair."),
                series,
                x,
                y,
                axes=(_("downloads, log(1 + x) scale"), _("overlap")),
            )
        )
    return Figure("downloads_against_overlap", _title(m, "downloads"), tuple(panels))


def _point(m: Material, row: Row) -> Point:
    return Point(row["derived_downloads"], row["overlap_ratio"], words_of(m, row))


def _families(m: Material) -> Figure | None:
    """Draw how many times as much relatives overlap in each family, and over all; None for a single family."""
    _ = m.translate
    pooled = [row for row in m.q["effects"] if row["is_pooled"]]
    rows = [row for row in m.q["effects"] if not row["is_pooled"]][:MAX_IN_FOREST]
    if len(rows) < 2:
        return None
    title = _title(m, "identification")
    if pooled:
        title = _("Over %(n)s families, relatives share %(ratio)s times as much as strangers") % {
            "n": formats.count(pooled[0]["n_families"]),
            "ratio": formats.figure(pooled[0]["effect_size"]),
        }
    drawn = []
    for row in [*pooled, *sorted(rows, key=lambda row: (-row["effect_size"], row["family_label"]))]:
        label = _("all families") if row["is_pooled"] else row["family_label"]
        look = "orange" if row["is_pooled"] else "blue"
        words = f"{formats.figure(row['effect_size'])} {formats.interval(row['ci_low'], row['ci_high'])}"
        bounds = (row["ci_low"] if (row["ci_low"] or 0) > 0 else None, row["ci_high"])
        drawn.append((label, [Interval(look, row["effect_size"], *bounds, words)]))
    ends = [end for _label, [one_row] in drawn for end in (one_row.value, one_row.low, one_row.high) if end]
    panel = charts.intervals(
        title,
        _("Dots with intervals: ratio of the mean overlap of relatives to that of strangers, for each family."),
        drawn,
        logarithmic(min(*ends, 1), max(ends)),
        axis=_("times as much, log scale; 1 is equal"),
        reference=1,
    )
    return one("same_against_different", panel)


def _roc(m: Material) -> Figure | None:
    _, rows = m.translate, m.q["curve"].rows
    if not rows or m.study is None:
        return None
    labels = [label for label in m.study.labels[:MAX_CHARTED_FAMILIES] if any(r["family_label"] == label for r in rows)]
    series = [
        Series(
            label,
            look,
            [
                Point(0, 0),
                *(Point(row["fpr"], row["tpr"]) for row in rows if row["family_label"] == label),
                Point(1, 1),
            ],
        )
        for label, look in zip(labels, TYPE_COLOURS_IN_ORDER, strict=False)
    ]
    panel = charts.lines(
        _title(m, "identification"),
        _("Lines: true against false positive rate at every cut on overlap, for each family."),
        series,
        linear(0, 1, "{:.0%}"),
        linear(0, 1, "{:.0%}"),
        axes=(_("strangers taken for relatives"), _("relatives found")),
    )
    return one("roc", panel)


def _spread(m: Material) -> Figure | None:
    _ = m.translate
    rows = [row for row in m.q["sweep"] if row["sd_ratio"]]
    if not rows or m.study is None:
        return None
    labels = [label for label in m.study.labels if any(row["family_label"] == label for row in rows)]
    series = [
        Series(
            label,
            look,
            [
                Point(
                    row["downloads_cut"],
                    row["sd_ratio"],
                    f"{label}, ≤ {formats.count(row['downloads_cut'])}: {formats.figure(row['sd_ratio'])}, "
                    f"n {formats.count(row['n_low'])} / {formats.count(row['n_high'])}, "
                    f"p {formats.p_value(row['p_holm'])}",
                )
                for row in rows
                if row["family_label"] == label
            ],
        )
        for label, look in zip(labels, TYPE_COLOURS_IN_ORDER, strict=False)
    ]
    shown = [point.y for one_series in series for point in one_series.points]
    panel = charts.scatter(
        _title(m, "noise"),
        _("Points: ratio of the standard deviations below and above every cut on downloads; 1 means equal."),
        series,
        downloads(max(row["downloads_cut"] for row in rows)),
        _ratios(min(*shown, 0.9), max(*shown, 1.1)),
        axes=(_("cut: at most this many downloads against more"), _("sd below the cut / sd above; 1 is equal")),
    )
    return one("download_sweep", panel)


def _ratios(low: float, high: float) -> Scale:
    scale = logarithmic(low, high)
    ticks = [value for value in (0.1, 0.2, 0.5, 1, 2, 5, 10) if low <= value <= high]
    return Scale(scale.low, scale.high, "log", tuple((value, f"{value:g}") for value in ticks))


def _by_k(m: Material) -> Figure | None:
    _, rows = m.translate, m.q["by_k"].rows
    if len({row["k"] for row in rows}) < 2 or m.study is None:
        return None
    x = logarithmic(min(row["k"] for row in rows), max(row["k"] for row in rows))
    panels = []
    for label in m.study.labels[:MAX_BANDS]:
        part = [row for row in rows if row["family_label"] == label]
        kinds = (("mean_same", "blue", m.word("same")), ("mean_different", "orange", m.word("different")))
        series = [
            Series(str(words), look, [Point(row["k"], row[column]) for row in part if row[column] is not None])
            for column, look, words in (*kinds, ("chance_overlap", "grey", _("by chance")))
        ]
        panels.append(_lines_by_k(m, label, [one_series for one_series in series if one_series.points], x))
    return Figure("overlap_by_k", _("A smaller k would have told the same, where the lines are level"), tuple(panels))


def _lines_by_k(m: Material, label: str, series: Sequence[Series], x: Scale) -> Panel:
    _ = m.translate
    return charts.lines(
        label,
        _("Lines: mean overlap of same and different pairs, and what chance gives, against k."),
        series,
        x,
        linear(0, 1),
        axes=(_("k, log scale"), _("mean overlap")),
    )


def _heatmap(m: Material) -> Figure | None:
    _, rows = m.translate, m.q["matrix"].rows
    if not rows:
        return None
    from reports.site.clusters import clustered  # noqa: PLC0415 - scipy takes a second to load

    names, cells = clustered(rows, HEAT_STEPS, MAX_CELLS_ACROSS)
    legend = [_("at least %(share)s") % {"share": f"{step:.0%}"} for step in HEAT_STEPS]
    panel = charts.heat(
        _("Families are blocks: models ordered by likeness, each cell one pair"),
        _("Square of cells, one for each pair of models, the darker the more they overlap; the order is by likeness."),
        cells,
        legend,
        _("%(n)s models each way, ordered by average linkage") % {"n": formats.count(len(names))},
    )
    return one("heatmap", panel)


PAGE = Page(title=N_("Study %(study)s"), group="studies", order=1, per="study", figures=figures)
