import json
from collections.abc import Callable
from datetime import date
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from reports.figures import downloads, ecosystem, effects, families, files
from reports.figures.figure import PALETTE, Figure

LABELS = ["TinyLlama", "Qwen"]
PAIRS = [
    {
        "family_label": label,
        "relation": relation,
        "derived_model_id": f"org/{label}-{relation}-{place}",
        "derived_downloads": [0, 0, 3, 25, 1_500_000, None][place % 6],
        "download_tier": ["zero", "zero", "1-10", "11-100", "over 1k", "unknown"][place % 6],
        "overlap_ratio": place / 12 if relation == "same" else place / 1000,
        "jitter": (place % 5) / 5 - 0.4,
    }
    for label in LABELS
    for relation in ("same", "different")
    for place in range(12)
]
RANGES = [
    {"family_label": label, "relation": "same", "range_label": name, "range_order": place, "share": 0.2, "n_valid": 3}
    for label in LABELS
    for place, name in enumerate(("0.0-0.2", "0.2-0.4", "0.4-0.6", "0.6-0.8", "0.8-1.0"))
]
CUTS = [
    {"family_label": label, "downloads_cut": cut, "sd_ratio": 1.1, "n_low": 9, "n_high": 8, "p_holm": 0.4}
    for label in LABELS
    for cut in (0, 3, 25)
]
DELTAS = [
    {
        "family_label": label,
        "scope_words": "low",
        "scope_order": 1,
        "effect_size": 0.9,
        "ci_low": 0.8,
        "ci_high": 0.95,
        "n_a": 9,
        "n_b": 9,
    }
    for label in LABELS
]
CURVE = [
    {"family_label": label, "threshold": 1 - tpr, "tpr": tpr, "fpr": tpr / 4}
    for label in LABELS
    for tpr in (0.2, 0.6, 1.0)
]
KS = [
    {
        "family_label": label,
        "k": k,
        "mean_same": 0.5,
        "mean_different": 0.01,
        "chance_overlap": k / 4096,
        "auc": 0.9,
        "n_same": 9,
        "n_different": 8,
    }
    for label in LABELS
    for k in (1, 2, 4)
]


SHARES = [
    {"label": "base", "share_models": 0.75, "share_downloads": None},
    {"label": "merge", "share_models": 0.25, "share_downloads": None},
]
OUTCOMES = [
    {"label": "finetune", "outcome": "kept", "outcome_order": 1, "n_edges": 9, "share": 0.9},
    {"label": "finetune", "outcome": "dropped", "outcome_order": 2, "n_edges": 1, "share": 0.1},
]
MADE = [
    {"day": date(2024, month, 1), "kind": kind, "n_models": month} for month in (1, 4) for kind in ("base", "homemade")
]
GROWN = [
    {"family_label": label, "created_in_month": date(2024, month, 1), "n_so_far": month}
    for label in LABELS
    for month in (1, 2)
]
SIZED = [
    {
        "created_in_quarter": date(2024, month, 1),
        "n_sized": 5,
        "quartile_1": 1e6,
        "median_params": 2e6,
        "quartile_3": 7e9,
    }
    for month in (1, 4)
]
COUNTED = [{"label": "LoRA", "kind": "fine-tuning", "n_models": 3}, {"label": "GGUF", "kind": "odd", "n_models": 2}]
MEASURES = {"share_models": "of models", "share_downloads": "of downloads"}


def same(message: str) -> str:
    return message


FIGURES: dict[str, tuple[Callable[[], Figure | None], int]] = {
    "four in one": (lambda: families.family_comparison(PAIRS, RANGES, LABELS, same), 4),
    "by relation": (lambda: families.overlap_by_relation(PAIRS, LABELS, same), 2),
    "six in one": (lambda: downloads.downloads_six(PAIRS, ["zero", "1-10", "11-100", "over 1k"], LABELS, same), 6),
    "four panels": (lambda: downloads.relation_panels(PAIRS, LABELS, same), 4),
    "sweep": (lambda: downloads.sweep(CUTS, LABELS, same), 1),
    "effects": (lambda: effects.same_vs_different(DELTAS, LABELS, same), 1),
    "roc": (lambda: effects.roc(CURVE, LABELS, same), 1),
    "by k": (lambda: effects.by_k(KS, LABELS, same), 2),
    "shares": (lambda: ecosystem.shares("shares", "Shares", "Bars.", SHARES, MEASURES, same), 1),
    "outcomes": (lambda: ecosystem.outcomes("kept", "Kept", "Bars.", OUTCOMES, {"kept": "#0072b2"}, same), 1),
    "over time": (lambda: ecosystem.over_time("made", "Made", "Columns.", MADE, {"base": "#0072b2"}, same), 1),
    "growth": (lambda: ecosystem.growth(GROWN, same), 1),
    "sizes": (lambda: ecosystem.sizes(SIZED, same), 1),
    "counts": (lambda: ecosystem.counts("named", "Named", "Bars.", COUNTED, {"fine-tuning": "#d55e00"}, same), 1),
}


def drawn(name: str) -> Figure:
    figure = FIGURES[name][0]()
    assert figure is not None
    return figure


def rows_of(spec: dict[str, Any]) -> list[dict[str, Any]]:
    [text] = [values for values in spec["datasets"].values() if isinstance(values, str)]
    rows: list[dict[str, Any]] = json.loads(text)
    return rows


@pytest.mark.parametrize("name", FIGURES)
def test_every_panel_is_valid_vega_lite_with_words_for_who_cannot_see_it(name: str) -> None:
    figure = drawn(name)
    assert len(figure.panels) == FIGURES[name][1]
    assert len({panel.key for panel in figure.panels}) == len(figure.panels)
    for panel in figure.panels:
        panel.chart.to_dict(validate=True)
        assert panel.title
        assert panel.description.endswith(".")


@pytest.mark.parametrize("name", FIGURES)
def test_specifications_are_the_same_every_time(name: str) -> None:
    assert json.dumps(drawn(name).page_specs()) == json.dumps(drawn(name).page_specs())
    assert json.dumps(drawn(name).file_spec()) == json.dumps(drawn(name).file_spec())


@pytest.mark.parametrize("name", ["four in one", "four panels", "shares", "over time", "sizes"])
def test_pictures_are_drawn_with_their_panels_and_description(name: str) -> None:
    figure = drawn(name)
    picture = files.svg(figure.file_spec())
    root = ET.fromstring(picture)
    text = " ".join(element.text or "" for element in root.iter() if element.tag.endswith("text"))
    for title in (figure.title, *(panel.title for panel in figure.panels)):
        assert text.count(title) == 1
    assert figure.panels[0].description in root.attrib["aria-label"]
    assert files.png(picture).startswith(b"\x89PNG")


def test_a_figure_without_data_is_none() -> None:
    assert families.family_comparison([], RANGES, LABELS, same) is None
    assert families.overlap_by_relation([], LABELS, same) is None
    assert downloads.downloads_six([], [], LABELS, same) is None
    assert downloads.relation_panels([], LABELS, same) is None
    assert downloads.sweep([], LABELS, same) is None
    assert effects.same_vs_different([], LABELS, same) is None
    assert effects.roc([], LABELS, same) is None
    assert effects.by_k([], LABELS, same) is None
    assert effects.by_k([row for row in KS if row["k"] == 4], LABELS, same) is None
    assert ecosystem.shares("shares", "Shares", "Bars.", SHARES, {"share_downloads": "of downloads"}, same) is None
    assert ecosystem.outcomes("kept", "Kept", "Bars.", [], {}, same) is None
    assert ecosystem.over_time("made", "Made", "Columns.", [], {}, same) is None
    assert ecosystem.growth([], same) is None
    assert ecosystem.sizes(SIZED[:1], same) is None
    assert ecosystem.counts("named", "Named", "Bars.", [], {}, same) is None


def test_a_kind_that_a_person_added_is_drawn_grey() -> None:
    [spec] = drawn("counts").page_specs().values()
    scale = spec["encoding"]["color"]["scale"]
    assert scale == {"domain": ["fine-tuning", "odd"], "range": ["#d55e00", ecosystem.OTHER_COLOUR]}


def test_a_measure_without_values_has_no_place_in_the_legend() -> None:
    [spec] = drawn("shares").page_specs().values()
    assert spec["encoding"]["color"]["scale"]["domain"] == ["of models"]


def test_a_chart_with_more_bars_is_higher() -> None:
    rows = [{"label": str(place), "share_models": 0.5} for place in range(20)]
    figure = ecosystem.shares("shares", "Shares", "Bars.", rows, {"share_models": "of models"}, same)
    assert figure is not None
    assert figure.panels[0].height > drawn("shares").panels[0].height
    assert figure.file_spec()["vconcat"][0]["hconcat"][0]["height"] == figure.panels[0].height


def test_pairs_without_downloads_are_on_no_downloads_axis() -> None:
    figure = drawn("four panels")
    for spec in figure.page_specs().values():
        assert {row["derived_downloads"] for row in rows_of(spec)} == {0, 3, 25, 1_500_000}
    assert figure.panels[0].title == "TinyLlama, different family, n 10"


def test_zero_downloads_have_a_place_on_the_log_axis() -> None:
    spec = drawn("four panels").page_specs()["trend-0-same"]
    axis = spec["layer"][0]["encoding"]["x"]
    assert axis["scale"] == {"type": "symlog", "constant": 1, "domain": [0, 1_500_000], "nice": False}
    assert axis["axis"]["values"][:3] == [0, 1, 10]


def test_a_trend_needs_three_different_downloads() -> None:
    part = [row for row in PAIRS if row["derived_downloads"] in (0, 3)]
    figure = downloads.relation_panels(part, LABELS, same)
    assert figure is not None
    assert all(len(spec["layer"]) == 1 for spec in figure.page_specs().values())


def test_an_overlap_that_is_not_known_at_a_k_is_not_drawn() -> None:
    rows = [{**row, "mean_different": None, "auc": None} for row in KS]
    figure = effects.by_k(rows, LABELS, same)
    assert figure is not None
    [panel] = figure.page_specs().values()
    assert {row["kind"] for row in rows_of(panel)} == {"same family", "by chance"}


def test_a_family_keeps_its_colour_and_shape_in_every_figure() -> None:
    first, second = (drawn("six in one").page_specs()[f"log-{place}"]["mark"] for place in (0, 1))
    assert (first["color"], second["color"]) == PALETTE[:2]
    assert first["shape"] != second["shape"]
    scale = drawn("sweep").page_specs()["sweep"]["layer"][1]["encoding"]["color"]["scale"]
    assert (scale["domain"], tuple(scale["range"])) == (LABELS, PALETTE[:2])


def test_titles_are_in_the_language_asked_for() -> None:
    figure = families.overlap_by_relation(PAIRS, LABELS, lambda message: {"overlap": "重叠率"}.get(message, message))
    assert figure is not None
    assert figure.page_specs()["relation-0"]["layer"][0]["encoding"]["x"]["title"] == "重叠率"
