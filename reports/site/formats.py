"""How numbers, dates and data are written: the same in every language, so that two reports hold the same numbers."""

import html
import json
import math
import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime
from typing import Final

from markupsafe import Markup, escape

NOTHING: Final = "–"
"""What stands where there is no value."""

EARLIEST: Final = (datetime(2022, 3, 2, 23, 29, 4), datetime(2022, 3, 2, 23, 29, 5))
"""The Hub's earliest dates of creation, UTC: they stand for that moment and all before it."""

_MARKDOWN_SIGNS: Final = re.compile(r"([\\`*_\[\]|~$])")
"""What Markdown minds inside a line; text from the data never starts one."""


def count(value: float | None) -> str:
    """Write a count: 12,345."""
    return NOTHING if value is None else f"{value:,.0f}"


def overlap(value: float | None) -> str:
    """Write an overlap or another figure of that size with the four digits the source gives: 0.4914."""
    return NOTHING if value is None or not math.isfinite(value) else f"{value:.4f}"


def share(value: float | None) -> str:
    """Write a share 0..1 in per cent: 24.3%."""
    return NOTHING if value is None or not math.isfinite(value) else _signed(f"{value:.1%}")


def percent(value: float) -> str:
    """Write a share 0..1 in whole per cent: 24%."""
    return f"{value:.0%}"


def figure(value: float | None) -> str:
    """Write any number with three significant digits or all before the point, without an exponent: 0.00742, 1,234."""
    if value is None or not math.isfinite(value):
        return NOTHING
    if abs(value) < 0.5e-8:
        return "0"
    digits = min(max(2 - math.floor(math.log10(abs(value))), 0), 8)
    return _signed(f"{value:,.{digits}f}")


def _signed(text: str) -> str:
    return text.replace("-", "−")


def p_value(value: float | None) -> str:
    """Write a p value with two significant digits; below 0.0001 it says so."""
    if value is None or not math.isfinite(value):
        return NOTHING
    if value < 0.0001:
        return "< 0.0001"
    digits = 1 - math.floor(math.log10(value))
    return f"{value:.{min(max(digits, 2), 5)}f}"


def interval(low: float | None, high: float | None) -> str:
    """Write an interval: 0.41 to 0.56 as [0.41, 0.56]; a dash without one."""
    if low is None and high is None:
        return NOTHING
    return f"[{figure(low)}, {figure(high)}]"


def day(value: date | datetime | None) -> str:
    """Write a date: 2025-06-30; the Hub's earliest one, which stands for all before it, as ≤ 2022-03-02."""
    return NOTHING if value is None else f"{_or_before(value)}{value:%Y-%m-%d}"


def month(value: date | None) -> str:
    """Write a month: 2025-06."""
    return NOTHING if value is None else f"{value:%Y-%m}"


def parameters(value: float | None) -> str:
    """Write a number of parameters with three significant digits: 560k, 1.10B."""
    if value is None or not math.isfinite(value):
        return NOTHING
    for unit, sign in ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "k")):
        if value >= unit:
            return f"{figure(value / unit)}{sign}"
    return figure(value)


def instant(value: datetime | None) -> str:
    """Write an instant, UTC to the minute: 2025-06-30 14:05 UTC; the Hub's earliest one as ≤ 2022-03-02 23:29 UTC."""
    return NOTHING if value is None else f"{_or_before(value)}{value:%Y-%m-%d %H:%M} UTC"


def _or_before(value: date | datetime) -> str:
    """Return the sign for a date of creation that stands for all before it, else nothing."""
    return "≤ " if isinstance(value, datetime) and value.replace(microsecond=0) in EARLIEST else ""


def compact_json(value: str | None) -> str:
    """Write a JSON text with one member on each line; text that is not JSON stays as it is."""
    if value is None:
        return NOTHING
    try:
        return json.dumps(json.loads(value), ensure_ascii=False, indent=1)
    except ValueError:
        return value


def script_json(value: object) -> Markup:
    """Return ``value`` as JSON that nothing in it can break out of, inside a ``<script>`` element."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for sign in ("<", ">", "&", "\u2028", "\u2029"):
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return Markup(text)  # noqa: S704 - every sign that HTML minds is escaped just above


def name(text: str) -> str:
    """Return a name from the data for a sentence: one written from right to left turns no number beside it."""
    is_rtl = any(unicodedata.bidirectional(sign) in ("R", "AL") for sign in text)
    return type(text)(f"\u2068{text}\u2069") if is_rtl else text


def trusted_svg(drawn: str) -> Markup:
    """Return a drawing of ``reports.figures``, which escapes every text in it, as markup."""
    return Markup(drawn)  # noqa: S704 - see above


def code(text: str) -> Markup:
    """Return ``text``, escaped unless it is trusted, with what stands in backticks as code."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))  # noqa: S704 - escaped right here


class MarkdownText(str):
    """Text from the data, which prints into a Markdown file with its Markdown and HTML signs escaped.

    It compares as the plain text does. Line ends become spaces, so that no table row breaks.
    """

    __slots__ = ()

    def __html__(self) -> str:
        """Return the escaped text; the template engine asks for it where it would escape HTML."""
        one_line = " ".join(str(self).split())
        return _MARKDOWN_SIGNS.sub(r"\\\1", html.escape(one_line, quote=False))


def for_markdown(row: Mapping[str, object]) -> dict[str, object]:
    """Return ``row`` with every text in it, alone or in a list, as MarkdownText."""
    return {name: _marked(value) for name, value in row.items()}


def _marked(value: object) -> object:
    if isinstance(value, str):
        return MarkdownText(value)
    return [_marked(member) for member in value] if isinstance(value, list) else value


FILTERS: Final = {
    "count": count,
    "overlap": overlap,
    "share": share,
    "percent": percent,
    "figure": figure,
    "p_value": p_value,
    "day": day,
    "month": month,
    "parameters": parameters,
    "instant": instant,
    "compact_json": compact_json,
    "script_json": script_json,
    "markdown": MarkdownText,
    "name": name,
    "trusted_svg": trusted_svg,
    "code": code,
}
"""Filters of every template; what takes two values is a global function."""
