"""How far same and different pairs lie apart: effects with their intervals, and the ROC curve."""

from collections.abc import Sequence

import altair as alt

from reports.figures.figure import Figure, Panel, Rows, Translate, colours, data, shapes


def same_vs_different(rows: Rows, labels: Sequence[str], _: Translate) -> Figure | None:
    """Return Cliff's delta of same against different pairs with its interval, by quality; None without any.

    ``rows`` have family_label, scope_words (the axis label), scope_order, effect_size, ci_low, ci_high, n_a, n_b.
    """
    part = [row for row in rows if row["family_label"] in labels and row["effect_size"] is not None]
    if not part:
        return None
    columns = ("family_label", "scope_words", "effect_size", "ci_low", "ci_high", "n_a", "n_b")
    order = list(dict.fromkeys(row["scope_words"] for row in sorted(part, key=lambda row: row["scope_order"])))
    base = alt.Chart(data(part, *columns)).encode(
        y=alt.Y("scope_words:N", title=None, sort=order),
        yOffset=alt.YOffset("family_label:N", sort=list(labels)),
        color=colours(labels, ""),
    )
    intervals = base.mark_rule(strokeWidth=2).encode(
        x=alt.X("ci_low:Q", title=_("Cliff's delta, same against different"), scale=alt.Scale(domain=[-1, 1])),
        x2="ci_high:Q",
    )
    points = base.mark_point(filled=True, size=70, opacity=1).encode(
        x="effect_size:Q",
        shape=shapes(labels),
        tooltip=[
            alt.Tooltip("family_label:N", title=_("family")),
            alt.Tooltip("effect_size:Q", title=_("effect"), format=".3f"),
            alt.Tooltip("ci_low:Q", title=_("interval from"), format=".3f"),
            alt.Tooltip("ci_high:Q", title=_("interval to"), format=".3f"),
            alt.Tooltip("n_a:Q", title=_("n same")),
            alt.Tooltip("n_b:Q", title=_("n different")),
        ],
    )
    panel = Panel(
        "delta",
        _("Effect by downloads"),
        _("Points with intervals: Cliff's delta by download level and family; 1 means that every same pair is higher."),
        alt.layer(intervals, points),
    )
    return Figure("same_against_different", _("Same against different, by downloads"), 1, (panel,))


def roc(rows: Rows, labels: Sequence[str], _: Translate) -> Figure | None:
    """Return the ROC curve of overlap, a step line for each family, and the diagonal of mere chance; None without any.

    ``rows`` have family_label, threshold, tpr, fpr: every observed cut.
    """
    part = [row for row in rows if row["family_label"] in labels]
    if not part:
        return None
    present = list(dict.fromkeys(row["family_label"] for row in part))
    ends = [{"family_label": label, "threshold": None, "tpr": end, "fpr": end} for label in present for end in (0, 1)]
    curve = [*ends, *part]
    curve.sort(key=lambda row: (row["family_label"], row["fpr"], row["tpr"]))
    chance = (
        alt.Chart(alt.InlineData(values=[{"fpr": 0, "tpr": 0}, {"fpr": 1, "tpr": 1}]))
        .mark_line(strokeDash=[4, 4], color="#8a919c", strokeWidth=1)
        .encode(x="fpr:Q", y="tpr:Q")
    )
    lines = (
        alt.Chart(data(curve, "family_label", "threshold", "tpr", "fpr"))
        .mark_line(interpolate="step-after", strokeWidth=2)
        .encode(
            x=alt.X("fpr:Q", title=_("false positive rate"), scale=alt.Scale(domain=[0, 1])),
            y=alt.Y("tpr:Q", title=_("true positive rate"), scale=alt.Scale(domain=[0, 1])),
            color=colours(labels, ""),
            strokeDash=alt.StrokeDash("family_label:N", sort=list(labels), legend=None),
            order="fpr:Q",
        )
    )
    panel = Panel(
        "roc",
        _("ROC curve"),
        _("Step lines: true positive rate against false positive rate at every observed cut; the diagonal is chance."),
        alt.layer(chance, lines),
    )
    return Figure("roc", _("How well overlap tells same from different"), 1, (panel,))


def by_k(rows: Rows, labels: Sequence[str], _: Translate) -> Figure | None:
    """Return mean overlap, and the area under the ROC curve, against k on a log scale; None for fewer than two ks.

    ``rows`` have family_label, k, mean_same, mean_different, chance_overlap, auc, n_same, n_different.
    """
    part = [row for row in rows if row["family_label"] in labels]
    if len({row["k"] for row in part}) < 2:
        return None
    kinds = (
        ("mean_same", _("same family")),
        ("mean_different", _("different family")),
        ("chance_overlap", _("by chance")),
    )
    means = [
        {"family_label": row["family_label"], "k": row["k"], "kind": kind, "value": row[column]}
        for row in part
        for column, kind in kinds
        if row[column] is not None
    ]
    axis = alt.X("k:Q", title=_("k"), scale=alt.Scale(type="log", base=2), axis=alt.Axis(format="d"))
    overlaps = (
        alt.Chart(data(means, "family_label", "k", "kind", "value"))
        .mark_line(point=True, strokeWidth=2)
        .encode(
            x=axis,
            y=alt.Y("value:Q", title=_("mean overlap"), scale=alt.Scale(domain=[0, 1])),
            color=colours(labels, ""),
            strokeDash=alt.StrokeDash(
                "kind:N",
                sort=[kind for _column, kind in kinds],
                scale=alt.Scale(domain=[kind for _column, kind in kinds], range=[[1, 0], [6, 3], [1, 3]]),
                legend=alt.Legend(title="", orient="top", symbolType="stroke", symbolStrokeWidth=2),
            ),
            detail="family_label:N",
            tooltip=[
                alt.Tooltip("family_label:N", title=_("family")),
                alt.Tooltip("kind:N", title=_("pairs")),
                alt.Tooltip("k:Q", title=_("k")),
                alt.Tooltip("value:Q", title=_("mean overlap"), format=".4f"),
            ],
        )
    )
    panels = [
        Panel(
            "means",
            _("Mean overlap by k"),
            _("Lines: mean overlap of same and different pairs against k, a colour a family; dotted is chance."),
            overlaps,
        )
    ]
    separated = [row for row in part if row["auc"] is not None]
    if separated:
        areas = (
            alt.Chart(data(separated, "family_label", "k", "auc", "n_same", "n_different"))
            .mark_line(point=True, strokeWidth=2)
            .encode(
                x=axis,
                y=alt.Y("auc:Q", title=_("AUC"), scale=alt.Scale(domain=[0, 1])),
                color=colours(labels, ""),
                tooltip=[
                    alt.Tooltip("family_label:N", title=_("family")),
                    alt.Tooltip("k:Q", title=_("k")),
                    alt.Tooltip("auc:Q", title=_("AUC"), format=".3f"),
                    alt.Tooltip("n_same:Q", title=_("n same")),
                    alt.Tooltip("n_different:Q", title=_("n different")),
                ],
            )
        )
        panels.append(
            Panel(
                "areas",
                _("Separation by k"),
                _("Lines: area under the ROC curve of same against different pairs at each k; 0.5 is guessing."),
                areas,
            )
        )
    return Figure("overlap_by_k", _("Overlap and separation by k"), len(panels), tuple(panels))
