"""Tasks, languages and datasets of models."""

from typing import Final

from reports.figures import charts
from reports.figures.charts import Bar
from reports.figures.drawing import counts
from reports.figures.figure import Figure
from reports.site import formats
from reports.site.labelled import MAX_BARS, becoming, models_and_downloads, one, shares
from reports.site.page import Material, Page, Question
from reports.site.words import N_

_ADAPTATIONS: Final = {"kept": "blue", "narrowed": "yellow", "widened": "green", "switched": "orange"}


def figures(m: Material) -> tuple[Figure | None, ...]:
    """Return the figures of the page, in reading order."""
    if not m.is_observed:
        return ()
    _ = m.translate
    tasks = [
        {**row, "label": str(m.word(None)) if row["task"] == "none" else row["task"]}
        for row in m.q["tasks"].rows[:MAX_BARS]
    ]
    return (
        shares(
            "tasks",
            _("Models and downloads by task"),
            _("Bars: share of models and share of downloads of the commonest tasks."),
            tasks,
            models_and_downloads(_),
        ),
        becoming(
            "language_adaptation",
            _("What becomes of the parent's language"),
            _("Stacked bars: share of edges of each relation whose child keeps or changes the parent's language."),
            m.q["adaptation_by_relation"].rows,
            column="adaptation",
            colours=_ADAPTATIONS,
            word=m.word,
            axis=_("share of edges"),
        ),
        _reach(m),
    )


def _reach(m: Material) -> Figure | None:
    _, rows = m.translate, m.q["datasets"].rows[:MAX_BARS]
    if not rows:
        return None
    named, below = _("name it"), _("descend from one that does")
    bars = [
        (
            row["dataset"],
            [
                Bar("blue", row["n_models"], "", f"{named}: {formats.count(row['n_models'])}"),
                Bar("sky", row["n_downstream_models"], "", f"{below}: {formats.count(row['n_downstream_models'])}"),
            ],
        )
        for row in rows
    ]
    scale = counts(max(row["n_models"] + row["n_downstream_models"] for row in rows))
    panel = charts.stacked(
        _("How far datasets reach"),
        _("Stacked bars: models that name a dataset, and further models that descend from one that does."),
        bars,
        {"blue": named, "sky": below},
        scale=scale,
        axis=_("models"),
    )
    return one("datasets", panel)


PAGE = Page(
    title=N_("Tasks, languages and datasets"),
    short=N_("Purposes"),
    group="ecosystem",
    order=4,
    questions=(
        Question("tasks", N_("Which tasks are models for?"), "stated_tasks"),
        Question("task_shifts", N_("Are models turned to other tasks?"), "task_changes"),
        Question("languages", N_("Which languages do models name?"), "named_languages"),
        Question("adaptation", N_("How are models adapted to other languages?"), "adaptation"),
        Question("datasets", N_("Which datasets do models learn from, and how far do these reach?"), "datasets"),
    ),
    figures=figures,
)
