"""The published claims, computed anew."""

from typing import Final

from reports.figures import charts
from reports.figures.charts import Point, Series
from reports.figures.drawing import logarithmic
from reports.figures.figure import Figure
from reports.site import formats
from reports.site.labelled import one
from reports.site.page import Material, Page
from reports.site.words import N_

_VERDICTS: Final = {"reproduced": "blue", "not_reproduced": "orange"}


LEAST: Final = 0.0001
"""The smallest value that the picture shows; below it are p values alone."""


def figures(m: Material) -> tuple[Figure | None, ...]:
    """Return every claim about a number that is not tiny as a point: published across, recomputed upwards."""
    _ = m.translate
    rows = [
        row
        for row in m.q["claims"]
        if min(row["published_value"] or 0, row["recomputed_value"] or 0) >= LEAST and row["verdict"] in _VERDICTS
    ]
    if not rows:
        return ()
    values = [row[column] for row in rows for column in ("published_value", "recomputed_value")]
    series = [
        Series(
            f"{m.word(verdict)}{m.translate(', ')}n {formats.count(len(part))}",
            look,
            [
                Point(
                    row["published_value"],
                    row["recomputed_value"],
                    f"{row['claim_id']}: {formats.figure(row['published_value'])} → "
                    f"{formats.figure(row['recomputed_value'])}",
                )
                for row in part
            ],
        )
        for verdict, look in _VERDICTS.items()
        if (part := [row for row in rows if row["verdict"] == verdict])
    ]
    scale = logarithmic(min(values), max(values))
    panel = charts.scatter(
        _("Published values against those computed here: on the line where they agree"),
        _("Scatter on two logarithmic axes: the published value across, the recomputed one upwards."),
        series,
        scale,
        scale,
        axes=(_("published, log scale"), _("recomputed, log scale")),
        is_diagonal=True,
    )
    return (one("claims", panel),)


PAGE = Page(title=N_("Claims"), group="studies", order=4, figures=figures)
