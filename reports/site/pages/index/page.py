"""The way in: what was found, how sure it is, and where to look on, in one screen."""

from collections.abc import Mapping
from typing import Any, Final

from reports.figures import charts
from reports.figures.charts import Mark, Note
from reports.figures.drawing import clipped, linear
from reports.figures.figure import Figure
from reports.site import formats
from reports.site.findings import finding
from reports.site.labelled import labelled, models_and_downloads, one, shares
from reports.site.page import Material, Page
from reports.site.pages.edges.page import ON_HOME, found
from reports.site.pairs import bands, grouped, words_of
from reports.site.words import N_

MAX_DOTS: Final = 400
"""Pairs of each relation that the picture shows; all of them are on the study's page."""

MAX_NAMES: Final = 220
"""Pixels for the names at a point of the picture."""


def figures(m: Material) -> tuple[Figure | None, ...]:
    """Return the picture of the first study; without a study, that of the types of models."""
    if m.studies:
        return (_pairs(m),)
    if not m.is_observed:
        return ()
    _ = m.translate
    return (
        shares(
            "model_types",
            _("Models and downloads by type"),
            _("Bars: share of models and share of downloads of each type of model."),
            labelled(m.site["ecosystem"]["types"].rows, "model_type", m.word),
            models_and_downloads(_),
        ),
    )


def _pairs(m: Material) -> Figure | None:
    _, study = m.translate, m.studies[0]
    rows = grouped([row for row in study.results["study"]["pairs"] if row["place"] <= MAX_DOTS])
    if not rows:
        return None
    notes: dict[str, list[Note]] = {}
    for row in m.q["odd"].where(study_id=study.id):
        mark = Mark(row["overlap_ratio"], words_of(m, row), f"study-{study.slug}.html#everything", jitter=row["jitter"])
        is_matrix = bool(study.results["study"]["matrix"].rows)
        named = ("derived_model_id", "base_model_id") if is_matrix else ("derived_model_id",)
        words = " · ".join(
            formats.name(clipped(row[column].split("/")[-1], MAX_NAMES / len(named))) for column in named
        )
        notes.setdefault(row["relation"], []).append(Note(mark, f"{words} {formats.overlap(row['overlap_ratio'])}"))
    panel = charts.strip(
        _("Every dot is a pair of models: how much of the base's fingerprint the other one shares"),
        _("One point a pair: its overlap, in a band for each relation; a bar marks the mean of each band."),
        bands(m, rows, notes),
        linear(0, 1),
        _("overlap"),
        height=54,
    )
    return one("pairs", panel)


def context(m: Material) -> Mapping[str, Any]:
    """Return the answer in the headline, and what each card says."""
    if not m.studies:
        return {"headline": _ecosystem(m), "cards": (), "parent": None, "found": found(m)[:ON_HOME]}
    study = m.studies[0]
    headlines = study.results["study"]["headlines"]
    parents = list(m.q["parents"].where(study_id=study.id)) or list(m.q["parents"])
    return {
        "headline": _headline(m),
        "cards": tuple(finding(name, headlines) for name in ("identification", "downloads")),
        "parent": parents[0] if parents else None,
        "found": found(m)[:ON_HOME],
    }


def _headline(m: Material) -> str:
    _ = m.translate
    means = {row["relation"]: row["mean_of_relation"] for row in m.studies[0].results["study"]["pairs"]}
    same, different = means.get("same"), means.get("different")
    if same is None:
        return _("No relative has been measured yet")
    if different is not None and m.studies[0].results["study"]["matrix"].rows:
        return _("A model shares %(same)s of its fingerprint with a relative and %(different)s with a stranger") % {
            "same": _about(m, same),
            "different": _about(m, different),
        }
    if different is None:
        return _("A fine-tune keeps %(same)s of its base's fingerprint") % {"same": _about(m, same)}
    return _("A fine-tune keeps %(same)s of its base's fingerprint; a stranger shares %(different)s") % {
        "same": _about(m, same),
        "different": _about(m, different),
    }


def _ecosystem(m: Material) -> str:
    types, families = m.site["ecosystem"]["types"].rows, m.site["ecosystem"]["families"].only()
    most = next((row for row in types if row["model_type"] == row["most_downloaded_type"]), None)
    if most and most["share_downloads"] and len(types) > 1:
        words = m.translate(
            "Models of type %(type)s are %(share)s of all models and get %(downloads)s of the downloads"
        )
        return words % {
            "type": m.word(most["model_type"]),
            "share": formats.share(most["share_models"]),
            "downloads": formats.share(most["share_downloads"]),
        }
    if not families or not families["n_families"] or not m.is_observed:
        return ""
    return m.translate("%(models)s models in %(families)s families") % {
        "models": formats.count(families["n_models"]),
        "families": formats.count(families["n_families"]),
    }


def _about(m: Material, share: float) -> str:
    if share < 0.01:
        return m.translate("less than 1%")
    return m.translate("about %(share)s") % {"share": formats.percent(share)}


PAGE = Page(title=N_("What the fingerprints say"), group="home", order=1, figures=figures, context=context)
