"""Whether a model's parent can be told from its overlaps."""

from typing import Final

from reports.figures import charts
from reports.figures.charts import Interval
from reports.figures.drawing import linear
from reports.figures.figure import Figure
from reports.site import formats
from reports.site.page import Material, Page
from reports.site.words import N_

_METHODS: Final = {"overlap_one_way": "grey", "combined": "blue"}
"""The plain overlap before, overlap and metadata together after."""

_SHARES: Final = ("top_1", "top_5", "mrr", "family_hit", "accept_recall", "accept_precision", "open_set_answer")
"""Measures between 0 and 1 that the picture shows, in its order."""


def figures(m: Material) -> tuple[Figure | None, ...]:
    """Return for each study the measures before and after, side by side."""
    panels = []
    for study in m.studies:
        rows = [
            row
            for row in m.q["evaluation"].where(study_id=study.id, pair_set="all")
            if row["method"] in _METHODS and row["metric"] in _SHARES and row["value"] is not None
        ]
        drawn = []
        for metric in _SHARES:
            part = sorted((row for row in rows if row["metric"] == metric), key=lambda row: row["method_order"])
            marks = [
                Interval(
                    _METHODS[row["method"]], row["value"], row["ci_low"], row["ci_high"], formats.figure(row["value"])
                )
                for row in part
            ]
            if marks:
                drawn.append((f"{m.word(metric)}{m.translate(', ')}n {formats.count(part[-1]['n'])}", marks))
        if drawn:
            panels.append(
                charts.intervals(
                    m.translate("Study %(study)s") % {"study": study.id},
                    m.translate("Dots with intervals: each measure by plain overlap, and by overlap and metadata."),
                    drawn,
                    linear(0, 1),
                    axis=m.translate("share; 1 is always right"),
                    legend={look: str(m.word(method)) for method, look in _METHODS.items()},
                )
            )
    if not panels:
        return ()
    return (Figure("recovery", m.translate("How often the parent is found, before and after"), tuple(panels)),)


PAGE = Page(title=N_("Lineage recovery"), group="studies", order=3, figures=figures)
