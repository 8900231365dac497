import re
from datetime import date
from xml.etree import ElementTree as ET

import pytest

from reports.figures import charts
from reports.figures.charts import Band, Bar, Interval, Mark, Note, Point, Series
from reports.figures.drawing import (
    NARROWEST,
    Drawing,
    clipped,
    counts,
    days,
    downloads,
    linear,
    logarithmic,
    short,
    width_of,
    wrapped,
)
from reports.figures.figure import FILE_WIDTH, TITLE, Figure, Panel

HOSTILE = '<script>alert(1)</script>"&'
BANDS = [
    Band("same family", "blue", [Mark(0.2, "a"), Mark(0.6, HOSTILE, "study.html#x")], 0.4, "mean 0.4"),
    Band("other family", "orange", [Mark(0.01, "c")], notes=[Note(Mark(0.01, "c", "study.html"), HOSTILE)]),
]
PANELS = {
    "strip": charts.strip("Strip", "Points.", BANDS, linear(0, 1), "overlap"),
    "scatter": charts.scatter(
        "Scatter",
        "Points.",
        [Series("f", "blue", [Point(0, 0.5, "m"), Point(10, 0.7)]), Series("g", "orange", [Point(3, 0.1)])],
        downloads(10),
        linear(0, 1),
        axes=("downloads", "overlap"),
        is_diagonal=True,
    ),
    "lines": charts.lines(
        "Lines",
        "Lines.",
        [Series(HOSTILE, "blue", [Point(1, 0), Point(2000, 1)])],
        logarithmic(1, 2000),
        linear(0, 1),
        axes=("k", "overlap"),
    ),
    "bars": charts.bars("Bars", "Bars.", [(HOSTILE, [Bar("blue", 0.5, "50%"), Bar("sky", 1, "100%")])], {"blue": "x"}),
    "stacked": charts.stacked(
        "Stacked", "Bars.", [("r", [Bar("blue", 0.25, ""), Bar("sky", 0.75, "")])], {"blue": "x"}
    ),
    "columns": charts.columns(
        "Columns",
        "Columns.",
        [(date(2024, 1, 1), "blue", 3), (date(2024, 1, 1), "orange", 2), (date(2025, 2, 1), "blue", 1)],
        {"blue": "base", "orange": "finetune"},
        n_days=31,
        axis="models",
    ),
    "intervals": charts.intervals(
        "Intervals",
        "Dots.",
        [("f", [Interval("blue", 0.5, 0.25, None, "0.5"), Interval("grey", 0.1, None, None, "0.1")])],
        linear(0, 1),
        axis="delta",
        reference=0,
    ),
    "heat": charts.heat("Heat", "Cells.", [[2, 1], [1, 2]], ["some", "much"], "models"),
}


def elements(drawn: str, tag: str) -> list[ET.Element]:
    return list(ET.fromstring(drawn).iter(f"{{http://www.w3.org/2000/svg}}{tag}"))


@pytest.mark.parametrize("name", PANELS)
def test_a_chart_is_well_formed_and_escapes_what_strangers_named(name: str) -> None:
    for drawn in (PANELS[name].svg, Figure(name, HOSTILE, (PANELS[name],)).file):
        assert "<script" not in drawn
        root = ET.fromstring(drawn)
        assert float(root.attrib["height"]) > 30
        assert PANELS[name].description in root.attrib["aria-label"]
        assert root.attrib["role"] == ("group" if elements(drawn, "a") else "img")


@pytest.mark.parametrize("name", PANELS)
def test_a_chart_on_a_page_depends_on_no_width(name: str) -> None:
    for element in ET.fromstring(PANELS[name].svg).iter():
        for attribute in ("cx", "x1", "x2"):
            assert element.attrib.get(attribute, "0%").endswith("%"), element.attrib
        assert "style" not in element.attrib


@pytest.mark.parametrize("name", PANELS)
def test_a_picture_file_has_pixels_and_colours_of_its_own(name: str) -> None:
    drawn = Figure(name, "Title", (PANELS[name],)).file
    assert not re.search(r'(?:cx|x1|x2|x|width)="[\d.]+%"', drawn)
    assert "var(" not in drawn
    for element in elements(drawn, "circle"):
        assert 0 <= float(element.attrib["cx"]) <= FILE_WIDTH


def test_a_long_title_of_a_picture_takes_several_lines() -> None:
    title = "In some families relatives share more than strangers; the others have too few pairs to tell anything"
    texts = elements(Figure("f", title, (PANELS["strip"],)).file, "text")
    titles = [text for text in texts if text.get("class") == "title"]
    assert " ".join(text.text or "" for text in titles) == title
    assert len(titles) > 1
    assert all(width_of(text.text or "", TITLE) <= FILE_WIDTH for text in titles)


def test_every_text_of_a_picture_lies_below_the_one_before_it_and_within_the_height() -> None:
    drawing = Drawing()
    drawing.label("A heading that is far too long for one line of a narrow page, so that it takes three of them")
    assert len(drawing.elements) == 3
    assert drawing.height == 54


def test_marks_stand_where_their_values_are() -> None:
    drawn = PANELS["strip"].svg
    places = [float(circle.attrib["cx"].rstrip("%")) for circle in elements(drawn, "circle")]
    assert places == pytest.approx([2 + 96 * 0.2, 2 + 96 * 0.6, 2 + 96 * 0.01, 2 + 96 * 0.01], abs=0.01)
    bars = [float(bar.attrib["width"].rstrip("%")) for bar in elements(PANELS["stacked"].svg, "rect")[1:]]
    assert bars == pytest.approx([24, 72], abs=0.01)


def test_a_named_mark_and_its_name_lead_to_the_same_place() -> None:
    links = [link.attrib["href"] for link in elements(PANELS["strip"].svg, "a")]
    assert links == ["study.html#x", "study.html"]


@pytest.mark.parametrize(
    ("scale", "value", "place"),
    [
        (linear(0, 1), 0.25, 0.25),
        (linear(0, 1), 7, 1.0),
        (downloads(1000), 0, 0.0),
        (logarithmic(1, 100), 10, 0.5),
        (linear(3, 3), 3, 0.0),
    ],
)
def test_scales_place_values(scale, value: float, place: float) -> None:
    assert scale(value) == pytest.approx(place)


def test_the_grid_lies_behind_marks_and_words() -> None:
    drawn = PANELS["strip"].svg
    assert drawn.rindex('class="grid"') < min(drawn.index("<circle"), drawn.index("<text"))


def test_a_logarithmic_scale_of_few_powers_has_steps_between_them() -> None:
    assert [value for value, _words in logarithmic(0.9, 40).ticks] == [1, 2, 5, 10, 20]
    assert [value for value, _words in logarithmic(1, 1e6).ticks] == [1, 100, 1e4, 1e6]
    assert [value for value, _words in logarithmic(3, 4).ticks] == [3, 4]


def test_scales_write_round_numbers() -> None:
    assert [words for _value, words in linear(0, 1).ticks] == ["0", "0.2", "0.4", "0.6", "0.8", "1"]
    assert [words for _value, words in counts(7).ticks] == ["0", "2", "4", "6", "8"]
    assert next(words for _value, words in counts(0).ticks) == "0"
    assert [words for _value, words in downloads(50_000).ticks] == ["0", "10", "1k"]
    assert [words for _value, words in logarithmic(1, 1e6).ticks] == ["1", "100", "10k", "1M"]
    assert [words for _value, words in days(date(2022, 5, 1), date(2025, 2, 1)).ticks] == ["2023", "2024", "2025"]
    assert next(words for _value, words in days(date(2024, 3, 1), date(2024, 5, 1)).ticks) == "2024-03"
    assert [short(value) for value in (5, 20_000, 3e6, 1.5e9, 2e12)] == ["5", "20k", "3M", "1.5B", "2T"]


@pytest.mark.parametrize("text", ["short", "x" * 300, "名" * 120, "owner/a-name-of-a-model-" * 9])
def test_text_is_cut_or_wrapped_to_what_a_phone_shows(text: str) -> None:
    assert width_of(clipped(text, NARROWEST)) <= NARROWEST
    lines = wrapped(f"{text} and {text}", NARROWEST)
    assert all(width_of(line) <= NARROWEST for line in lines)
    assert "and" in " ".join(lines)


def test_clipping_leaves_out_the_middle() -> None:
    assert clipped("owner/" + "a" * 100 + "-v2", 200).startswith("owner/a")
    assert clipped("owner/" + "a" * 100 + "-v2", 200).endswith("-v2")


def test_a_panel_with_its_own_title_says_it_in_the_file() -> None:
    panel = Panel("Of its own", "Points.", PANELS["strip"].draw)
    assert "Of its own" in Figure("f", "Title", (panel,)).file
