"""Tasks, languages and datasets of models."""

from typing import Final

from reports.figures import ecosystem
from reports.figures.figure import Figure
from reports.site.labelled import BLUE, GREEN, MAX_BARS, RED, SKY, YELLOW, models_and_downloads, outcomes
from reports.site.page import Material, Page, Question
from reports.site.words import N_

_ADAPTATIONS: Final = {"kept": BLUE, "narrowed": YELLOW, "widened": GREEN, "switched": RED}


def figures(m: Material) -> tuple[Figure | None, ...]:
    """Return the figures of the page, in reading order."""
    if not m.is_observed:
        return ()
    _, word = m.translate, m.word
    named, below = _("name it"), _("descend from one that does")
    reached = [
        {"label": row["dataset"], "kind": kind, "n_models": row[column]}
        for row in m.q["datasets"].rows[:MAX_BARS]
        for column, kind in (("n_models", named), ("n_downstream_models", below))
    ]
    tasks = [
        {**row, "label": word(None) if row["task"] == "none" else row["task"]} for row in m.q["tasks"].rows[:MAX_BARS]
    ]
    return (
        ecosystem.shares(
            "tasks",
            _("Models and downloads by task"),
            _("Bars: share of models and share of downloads of the commonest tasks."),
            tasks,
            models_and_downloads(_),
            _,
        ),
        ecosystem.outcomes(
            "language_adaptation",
            _("What becomes of the parent's language"),
            _("Stacked bars: share of edges of each relation whose child keeps or changes the parent's language."),
            outcomes(m.q["adaptation_by_relation"].rows, "adaptation", word),
            {word(code, "adaptation"): colour for code, colour in _ADAPTATIONS.items()},
            _,
        ),
        ecosystem.counts(
            "datasets",
            _("How far datasets reach"),
            _("Stacked bars: models that name a dataset, and further models that descend from one that does."),
            reached,
            {named: BLUE, below: SKY},
            _,
        ),
    )


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
