"""What strangers wrote is printed without a character that a terminal obeys or that hides."""

import json

import pytest

from extract.overlap.reasons import shortened
from modelkin.printable import one_line, printable


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        ("plain", "plain"),
        ("naïve 模型 🤗", "naïve 模型 🤗"),
        ("\x1b[2J\x07", "\\u001b[2J\\u0007"),
        ("abc\u202egpj.exe", "abc\\u202egpj.exe"),
        ("zero\u200bwidth", "zero\\u200bwidth"),
        ("half \ud800 a pair", "half \\ud800 a pair"),
        ("\U000e0041tag", "\\udb40\\udc41tag"),
        ("two\nlines\tkept\r", "two\nlines\tkept\\u000d"),
    ],
)
def test_what_is_printed(written: str, printed: str) -> None:
    assert printable(written) == printed
    printed.encode()


def test_json_stays_json() -> None:
    assert json.loads(printable(json.dumps({"name": "a\u202eb\x1b"}, ensure_ascii=False))) == {"name": "a\u202eb\x1b"}


def test_one_line_is_one_line() -> None:
    assert one_line(" a\n b\u2028c\x1b ") == "a b c\\u001b"


def test_a_detail_is_short_however_long_its_source() -> None:
    assert shortened("x" * 10_000_000) == "x" * 399 + "…"
    assert shortened("\x00" * 400) == ("\\u0000" * 70)[:399] + "…"
