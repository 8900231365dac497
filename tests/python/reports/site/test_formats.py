import json
from datetime import date, datetime

import pytest

from reports.site import formats
from reports.site.words import WORDS


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (None, "–"),
        (float("nan"), "–"),
        (0, "0"),
        (71.83, "71.8"),
        (0.00742, "0.00742"),
        (2e-10, "0"),
        (-0.1743, "−0.174"),
    ],
)
def test_figure_has_three_significant_digits(value: float | None, written: str) -> None:
    assert formats.figure(value) == written


@pytest.mark.parametrize(("value", "written"), [(12345.6, "12,346"), (125.2, "125"), (999.96, "1,000")])
def test_figure_parts_thousands(value: float, written: str) -> None:
    assert formats.figure(value) == written


def test_a_name_from_right_to_left_is_set_apart_from_the_numbers_beside_it() -> None:
    assert formats.name("org/model") == "org/model"
    assert formats.name("org/מודל") == "\u2068org/מודל\u2069"


def test_words_are_text_that_needs_no_escaping() -> None:
    assert not [word for word in WORDS.values() if set(word) & set('<>&"|*_')]


@pytest.mark.parametrize(("value", "written"), [(0.49141, "0.4914"), (1.0, "1.0000"), (None, "–")])
def test_overlap_has_the_four_digits_of_the_source(value: float | None, written: str) -> None:
    assert formats.overlap(value) == written


@pytest.mark.parametrize(("value", "written"), [(0.00001, "< 0.0001"), (0.0331, "0.033"), (0.456, "0.46"), (1, "1.00")])
def test_p_value(value: float, written: str) -> None:
    assert formats.p_value(value) == written


@pytest.mark.parametrize(
    ("value", "written"),
    [(None, "–"), (999, "999"), (952_800, "953k"), (1_100_048_384, "1.10B"), (70.6e9, "70.6B"), (1.04e12, "1.04T")],
)
def test_parameters_have_three_significant_digits_and_a_unit(value: float | None, written: str) -> None:
    assert formats.parameters(value) == written


def test_month() -> None:
    assert formats.month(datetime(2024, 5, 1)) == "2024-05"
    assert formats.month(None) == "–"


def test_share_interval_count_and_instant() -> None:
    assert formats.share(0.2434) == "24.3%"
    assert formats.interval(-0.1, 2.5) == "[−0.100, 2.50]"
    assert formats.interval(None, None) == "–"
    assert formats.count(1234567) == "1,234,567"
    assert formats.instant(datetime(2026, 1, 25, 9, 5, 59)) == "2026-01-25 09:05 UTC"


def test_the_hubs_earliest_date_stands_for_all_before_it() -> None:
    assert formats.day(datetime(2022, 3, 2, 23, 29, 4)) == "≤ 2022-03-02"
    assert formats.instant(datetime(2022, 3, 2, 23, 29, 4, 7000)) == "≤ 2022-03-02 23:29 UTC"
    assert formats.day(datetime(2022, 3, 2, 23, 29, 6)) == "2022-03-02"
    assert formats.day(date(2022, 3, 2)) == "2022-03-02"


def test_script_json_cannot_end_its_script_and_reads_back() -> None:
    value = {"id": "</script><!-- & \u2028", "n": 1}
    text = str(formats.script_json(value))
    assert not set("<>&\u2028") & set(text)
    assert json.loads(text) == value


def test_script_json_refuses_what_json_does_not_have() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        formats.script_json({"n": float("nan")})


def test_markdown_text_escapes_itself_and_compares_as_it_is() -> None:
    text = formats.MarkdownText("a|b <b>\n[x](y) *z*")
    assert text == "a|b <b>\n[x](y) *z*"
    assert text.__html__() == r"a\|b &lt;b&gt; \[x\](y) \*z\*"


def test_what_stands_in_backticks_becomes_code_and_the_rest_is_escaped() -> None:
    assert formats.code("run `make run` <b>") == "run <code>make run</code> &lt;b&gt;"
    assert formats.code("`<i>`") == "<code>&lt;i&gt;</code>"
