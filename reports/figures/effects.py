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
    """Return the ROC curve of overlap, a step line a family, with the diagonal of mere chance; None without any.

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
