"""Effects with their intervals."""

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
