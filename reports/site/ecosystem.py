"""The figures of the pages on the ecosystem: rows of their queries, in words, to the charts that show them."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from reports.figures import ecosystem
from reports.figures.ecosystem import OTHER_COLOUR
from reports.figures.figure import PALETTE, Figure, Rows, Translate
from reports.site.locales import Locale
from reports.site.queries import Result

ECOSYSTEM_PAGES: Final = ("ecosystem", "makers", "licences", "purposes", "making")
"""The pages on the ecosystem, in the order of their links."""

MAX_BARS: Final = 10
"""Rows of a table, its first ones, that its chart shows."""

_BLUE, _RED, _GREEN, _PINK, _YELLOW, _SKY = PALETTE
_FAINT: Final = "#c9ced6"

_TYPES: Final = {
    "base": _BLUE,
    "finetune": _RED,
    "quantized": _GREEN,
    "adapter": _PINK,
    "merge": _YELLOW,
    "unknown": OTHER_COLOUR,
}
_TRANSITIONS: Final = {
    "kept": _BLUE,
    "switched": _SKY,
    "tightened": _RED,
    "relaxed": _YELLOW,
    "unknown": OTHER_COLOUR,
    "dropped": _PINK,
    "added": _GREEN,
    "none stated": _FAINT,
}
_ADAPTATIONS: Final = {"kept": _BLUE, "narrowed": _YELLOW, "widened": _GREEN, "switched": _RED}
_TECHNIQUE_KINDS: Final = {
    "fine-tuning": _RED,
    "preference optimisation": _PINK,
    "distillation": _SKY,
    "merge": _YELLOW,
    "quantization format": _GREEN,
}

Words = Callable[[str | None, str], str]
"""Gives the word for a code of a kind, in the reader's language."""

Site = Mapping[str, Mapping[str, Result]]
"""The results of the queries of each page, by their names."""


def ecosystem_figures(site: Site, locale: Locale, word: Words, _: Translate) -> dict[str, dict[str, Figure]]:
    """Return the figures of each page on the ecosystem that there are data for, by name, in reading order.

    There are none at all where no model's metadata were seen: what is known by id alone makes no picture.
    """
    if not site["shared"]["coverage"].only().get("n_observed"):
        return {page: {} for page in ECOSYSTEM_PAGES}
    drawn = {
        "ecosystem": _growth(site["ecosystem"], word, _),
        "makers": _makers(site["makers"], locale, word, _),
        "licences": _licences(site["licences"], word, _),
        "purposes": _purposes(site["purposes"], word, _),
        "making": _making(site["making"], word, _),
    }
    return {page: {figure.name: figure for figure in figures if figure is not None} for page, figures in drawn.items()}


def _growth(results: Mapping[str, Result], word: Words, _: Translate) -> tuple[Figure | None, ...]:
    types = {word(kind, ""): colour for kind, colour in _TYPES.items()}
    made = [
        {"day": row["created_in_month"], "kind": word(row["model_type"], ""), "n_models": row["n_models"]}
        for row in results["releases_by_month"]
    ]
    return (
        ecosystem.shares(
            "model_types",
            _("Models and downloads by type"),
            _("Bars: share of models and share of downloads of each type of model."),
            _labelled(results["types"].rows, "model_type", word),
            _models_and_downloads(_),
            _,
        ),
        ecosystem.over_time(
            "releases",
            _("Models made each month, by type"),
            _("Stacked columns: number of models created in each month, by type of model."),
            made,
            types,
            _,
        ),
        ecosystem.growth(results["family_growth"].rows, _),
    )


def _makers(results: Mapping[str, Result], locale: Locale, word: Words, _: Translate) -> tuple[Figure | None, ...]:
    countries = [{**row, "label": locale.country(row["country"])} for row in results["countries"].rows[:MAX_BARS]]
    return (
        ecosystem.shares(
            "countries",
            _("Models and downloads by country, where it is known"),
            _("Bars: share of models and share of downloads of each country, among authors whose country is known."),
            countries,
            _models_and_downloads(_),
            _,
        ),
        ecosystem.shares(
            "concentration",
            _("Share of downloads that the first have"),
            _("Bars: share of all downloads of the first, first 10 and first 100 authors, vendors and families."),
            _labelled(results["concentration"].rows, "scope", word, "scope"),
            {"share_top_1": _("first"), "share_top_10": _("first 10"), "share_top_100": _("first 100")},
            _,
        ),
    )


def _licences(results: Mapping[str, Result], word: Words, _: Translate) -> tuple[Figure | None, ...]:
    return (
        ecosystem.shares(
            "licence_families",
            _("Models and downloads by family of licences"),
            _("Bars: share of models and share of downloads under each family of licences."),
            _labelled(results["licence_families"].rows, "license_family", word, "licence"),
            _models_and_downloads(_),
            _,
        ),
        ecosystem.outcomes(
            "licence_transitions",
            _("What becomes of the parent's licence"),
            _("Stacked bars: share of edges of each relation whose child keeps, changes, drops or adds a licence."),
            _outcomes(results["transitions_by_relation"].rows, "transition", word),
            {word(code, "transition"): colour for code, colour in _TRANSITIONS.items()},
            _,
        ),
    )


def _purposes(results: Mapping[str, Result], word: Words, _: Translate) -> tuple[Figure | None, ...]:
    named, below = _("name it"), _("descend from one that does")
    reached = [
        {"label": row["dataset"], "kind": kind, "n_models": row[column]}
        for row in results["datasets"].rows[:MAX_BARS]
        for column, kind in (("n_models", named), ("n_downstream_models", below))
    ]
    tasks = [
        {**row, "label": word(None, "") if row["task"] == "none" else row["task"]}
        for row in results["tasks"].rows[:MAX_BARS]
    ]
    return (
        ecosystem.shares(
            "tasks",
            _("Models and downloads by task"),
            _("Bars: share of models and share of downloads of the commonest tasks."),
            tasks,
            _models_and_downloads(_),
            _,
        ),
        ecosystem.outcomes(
            "language_adaptation",
            _("What becomes of the parent's language"),
            _("Stacked bars: share of edges of each relation whose child keeps or changes the parent's language."),
            _outcomes(results["adaptation_by_relation"].rows, "adaptation", word),
            {word(code, "adaptation"): colour for code, colour in _ADAPTATIONS.items()},
            _,
        ),
        ecosystem.counts(
            "datasets",
            _("How far datasets reach"),
            _("Stacked bars: models that name a dataset, and further models that descend from one that does."),
            reached,
            {named: _BLUE, below: _SKY},
            _,
        ),
    )


def _making(results: Mapping[str, Result], word: Words, _: Translate) -> tuple[Figure | None, ...]:
    common = results["architectures_by_quarter"].rows
    others = _("others")
    made = [
        {
            "day": row["created_in_quarter"],
            "kind": others if row["place"] > len(PALETTE) - 1 else row["architecture"],
            "n_models": row["n_models"],
        }
        for row in common
    ]
    ranked = sorted({(row["place"], row["architecture"]) for row in common if row["place"] < len(PALETTE)})
    colours = {architecture: PALETTE[place - 1] for place, architecture in ranked} | {others: OTHER_COLOUR}
    named = [
        {
            "label": row["technique"],
            "kind": word(row["technique_kind"], "technique"),
            "n_models": row["n_models"],
        }
        for row in results["techniques"]
    ]
    return (
        ecosystem.over_time(
            "architectures",
            _("Models made each quarter, by architecture"),
            _("Stacked columns: number of models created in each quarter, by architecture."),
            made,
            colours,
            _,
            quarterly=True,
        ),
        ecosystem.sizes(results["sizes_by_quarter"].rows, _),
        ecosystem.counts(
            "techniques",
            _("Models that name a technique"),
            _("Bars: number of models that name each technique in a tag or in their name, coloured by its kind."),
            named,
            {word(kind, "technique"): colour for kind, colour in _TECHNIQUE_KINDS.items()},
            _,
        ),
        ecosystem.shares(
            "documentation",
            _("Cards that speak of a topic"),
            _("Bars: share of the model cards of base models and of derived models that speak of each topic."),
            _labelled(results["documentation"].rows, "topic", word, "topic"),
            {"share_base": _("base models"), "share_derived": _("derived models")},
            _,
        ),
    )


def _models_and_downloads(_: Translate) -> dict[str, str]:
    return {"share_models": _("of models"), "share_downloads": _("of downloads")}


def _labelled(rows: Rows, column: str, word: Words, kind: str = "") -> list[dict[str, Any]]:
    return [{**row, "label": word(row[column], kind)} for row in rows]


def _outcomes(rows: Rows, column: str, word: Words) -> list[dict[str, Any]]:
    return [
        {
            "label": word(row["relation"], ""),
            "outcome": word(row[column], column),
            "outcome_order": row[f"{column}_order"],
            "n_edges": row["n_edges"],
            "share": row["share"],
        }
        for row in rows
    ]
