"""Draw charts as SVG that is as wide as its place: across in per cent, down in pixels, so that text keeps its size.

A chart drawn by a library for one width is scaled on a phone, and its text with it. Here nothing that depends on the
width is measured: a mark stands at a share of it, and a label has a line of its own or is known to fit 320 pixels.
"""

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from html import escape
from typing import Final

NARROWEST: Final = 320
"""Pixels that a drawing has at least: those of a phone of 360, less the margins of the page."""

TEXT: Final = 12.5
"""Size of text in pixels."""

LINE: Final = 18
"""Height of a line of text in pixels."""

MARGIN: Final = 0.02
"""Share of the width that is left free on either side, so that a mark at the edge is whole."""


@dataclass(frozen=True)
class Scale:
    """Where values lie across or up a drawing, as shares 0..1, and the values that are written beside it."""

    low: float
    high: float
    kind: str = "linear"
    ticks: tuple[tuple[float, str], ...] = ()

    def __call__(self, value: float) -> float:
        """Return where ``value`` lies; values beyond the ends lie at the ends."""
        low, high, place = (self._bent(one) for one in (self.low, self.high, value))
        return min(max((place - low) / (high - low), 0.0), 1.0) if high > low else 0.5

    def _bent(self, value: float) -> float:
        if self.kind == "symlog":
            return math.log1p(value)
        return math.log(value) if self.kind == "log" else value


def linear(low: float, high: float, write: str = "{:g}", at_most: int = 5) -> Scale:
    """Return a scale from ``low`` to ``high`` with round numbers beside it."""
    if high <= low:
        return Scale(low, low + 1, ticks=((low, write.format(low)),))
    step = _round_step((high - low) / at_most)
    first = math.ceil(low / step - 1e-9)
    values = [place * step for place in range(first, math.floor(high / step + 1e-9) + 1)]
    return Scale(low, high, ticks=tuple((value, write.format(round(value, 10) + 0.0)) for value in values))


def counts(high: float) -> Scale:
    """Return a scale of counts from 0 to a little above ``high``, in whole numbers."""
    step = max(_round_step(max(high, 1) / 4), 1)
    top = math.ceil(max(high, 1) / step - 1e-9) * step
    return Scale(0, top, ticks=tuple((step * place, short(step * place)) for place in range(round(top / step) + 1)))


def downloads(high: float) -> Scale:
    """Return a scale of log(1 + downloads), on which zero has a place of its own at the left end."""
    ticks = [value for value in (0, 10, 1_000, 100_000, 10_000_000) if value <= max(high, 10)]
    return Scale(0, max(high, 10), "symlog", tuple((value, short(value)) for value in ticks))


def logarithmic(low: float, high: float) -> Scale:
    """Return a logarithmic scale with powers of ten beside it; with 1, 2, 5 where these are few, else with its ends."""
    powers = range(math.ceil(math.log10(low) - 1e-9), math.floor(math.log10(high) + 1e-9) + 1)
    step = max(1, math.ceil(len(powers) / 5))
    values = [10.0**power for power in powers][::step]
    if len(values) < 3:
        values = [factor * 10.0**power for power in range(powers.start - 1, powers.stop) for factor in (1, 2, 5)]
        values = [value for value in values if low <= value <= high]
        values = values if len(values) > 1 else [low, high]
    return Scale(low, high, "log", tuple((value, short(value)) for value in values))


def days(first: date, last: date) -> Scale:
    """Return a scale of days with years beside it, or months where it is shorter than two years."""
    low, high = first.toordinal(), max(last, first + timedelta(days=27)).toordinal()
    years = [date(year, 1, 1) for year in range(first.year, last.year + 2)]
    within = [(float(day.toordinal()), f"{day:%Y}") for day in years if low <= day.toordinal() <= high]
    if len(within) < 2:
        middle = date.fromordinal((low + high) // 2)
        within = [(float(day.toordinal()), f"{day:%Y-%m}") for day in dict.fromkeys((first, middle, last))]
    step = max(1, math.ceil(len(within) / 6))
    return Scale(low, high, ticks=tuple(within[::step]))


def _round_step(step: float) -> float:
    power = 10.0 ** math.floor(math.log10(step))
    return next(factor * power for factor in (1, 2, 5, 10) if step <= factor * power * (1 + 1e-9))


def short(value: float) -> str:
    """Write a number for an axis: 5, 20k, 3M."""
    for unit, sign in ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "k")):
        if value >= unit:
            return f"{value / unit:.3g}{sign}"
    return f"{value:.4f}".rstrip("0").rstrip(".") if value < 1 else f"{value:.3g}"


def width_of(text: str, size: float = TEXT) -> float:
    """Return the pixels that ``text`` takes at most, whatever the typeface."""
    return size * sum(1.02 if ord(sign) > 0x2E7F else 0.66 for sign in text)


def clipped(text: str, pixels: float, size: float = TEXT) -> str:
    """Return ``text``, its middle left out where it is longer than ``pixels``."""
    if width_of(text, size) <= pixels:
        return text
    kept = len(text)
    while kept > 4 and width_of(text[: kept // 2] + "…" + text[-(kept // 2) :], size) > pixels:
        kept -= 1
    return f"{text[: kept // 2]}…{text[-(kept // 2) :]}"


def wrapped(text: str, pixels: float) -> list[str]:
    """Return ``text`` in lines of at most ``pixels``; a word that is longer is clipped."""
    lines = [""]
    for word in re.findall(r"[\u2e80-\uffef]|[^\s\u2e80-\uffef]+|\s+", text):
        if width_of(lines[-1] + word) <= pixels:
            lines[-1] += word
        elif word.strip():
            lines.append(clipped(word, pixels))
    return [line for line in (line.strip() for line in lines) if line]


@dataclass
class Drawing:
    """An SVG drawing in the making: elements from the top down, and the height so far in pixels.

    ``width`` is that of a picture file in pixels; without one the drawing is as wide as its place.
    """

    width: int | None = None
    height: float = 0
    elements: list[str] = field(default_factory=list)

    def x(self, share: float) -> str:
        """Write where a share of the width, less the margins, is."""
        place = MARGIN + share * (1 - 2 * MARGIN)
        return f"{place * self.width:.1f}" if self.width else f"{place * 100:.2f}%"

    def span(self, share: float) -> str:
        """Write how wide a share of the width, less the margins, is."""
        place = share * (1 - 2 * MARGIN)
        return f"{place * self.width:.1f}" if self.width else f"{place * 100:.2f}%"

    def text(self, words: str, share: float, y: float, *, anchor: str = "start", look: str = "", dx: float = 0) -> None:
        """Write ``words`` at a share of the width; ``anchor`` says which end of them is there."""
        shift = f' dx="{dx:g}"' if dx else ""
        anchored = "" if anchor == "start" else f' text-anchor="{anchor}"'
        looks = f' class="{look}"' if look else ""
        self.elements.append(f'<text x="{self.x(share)}" y="{y:.1f}"{anchored}{shift}{looks}>{escape(words)}</text>')

    def label(self, words: str, look: str = "") -> None:
        """Write text in as many lines as it takes to fit everywhere, and go on below it."""
        for line in wrapped(words, NARROWEST * (1 - 2 * MARGIN)):
            self.height += LINE
            self.text(line, 0, self.height - 4, look=look)

    def dot(self, share: float, y: float, look: str, *, words: str = "", href: str = "", radius: float = 3.5) -> None:
        """Draw a point, with words for who rests on it, and a link where it leads somewhere."""
        inner = f"<title>{escape(words)}</title>" if words else ""
        circle = f'<circle cx="{self.x(share)}" cy="{y:.1f}" r="{radius:g}" class="{look}"'
        circle += f">{inner}</circle>" if inner else "/>"
        self.elements.append(f'<a href="{escape(href)}">{circle}</a>' if href else circle)

    def bar(self, start: float, end: float, y: float, height: float, *, look: str, words: str = "") -> None:
        """Draw a bar from one share of the width to another."""
        inner = f"<title>{escape(words)}</title>" if words else ""
        across = f'x="{self.x(start)}" width="{self.span(max(end - start, 0))}"'
        self.elements.append(f'<rect {across} y="{y:.1f}" height="{height:.1f}" class="{look}">{inner}</rect>')

    def rule(self, start: float, end: float, top: float, bottom: float, *, look: str, words: str = "") -> None:
        """Draw a straight line from one place to another."""
        inner = f"<title>{escape(words)}</title>" if words else ""
        ends = f'x1="{self.x(start)}" x2="{self.x(end)}" y1="{top:.1f}" y2="{bottom:.1f}"'
        self.elements.append(f'<line {ends} class="{look}">{inner}</line>')

    def path(
        self, points: Sequence[tuple[float, float]], top: float, height: float, look: str, words: str = ""
    ) -> None:
        """Draw a line through points, shares across and shares down from ``top``."""
        inner = f"<title>{escape(words)}</title>" if words else ""
        if self.width:
            steps = " ".join(f"{self.x(across)},{top + down * height:.1f}" for across, down in points)
            self.elements.append(f'<polyline points="{steps}" class="{look}">{inner}</polyline>')
            return
        steps = " ".join(
            f"{(MARGIN + across * (1 - 2 * MARGIN)) * 1000:.0f},{down * 1000:.0f}" for across, down in points
        )
        self.elements.append(
            f'<svg y="{top:.1f}" height="{height:.1f}" width="100%" viewBox="0 0 1000 1000" preserveAspectRatio="none" '
            f'class="stretched"><polyline points="{steps}" class="{look}">{inner}</polyline></svg>'
        )

    def legend(self, entries: Iterable[tuple[str, str]]) -> None:
        """Write what each colour means: entries of colour and words, as many in a line as fit everywhere."""
        room, used, started = NARROWEST * (1 - 2 * MARGIN), 0.0, False
        for look, words in entries:
            shown = clipped(words, room - 20)
            wide = width_of(shown) + 34
            if not started or used + wide - 14 > room:
                self.height += LINE
                used, started = 0.0, True
            y = self.height - 4
            left = MARGIN * (self.width or 0)
            place = f"{left + used:.1f}" if self.width else f"{used + 6:.1f}"
            self.elements.append(f'<rect x="{place}" y="{y - 9:.1f}" width="10" height="10" class="{look}"/>')
            after = f"{(left if self.width else 6) + used + 16:.1f}"
            self.elements.append(f'<text x="{after}" y="{y:.1f}">{escape(shown)}</text>')
            used += wide
        self.height += 8

    def x_axis(self, scale: Scale, top: float, title: str = "", *, behind: int | None = None) -> None:
        """Draw the grid of a scale across from ``top`` to here, its numbers below, and what it measures.

        The grid lies behind the elements from the place ``behind`` on.
        """
        above = [] if behind is None else self.elements[behind:]
        del self.elements[len(self.elements) - len(above) :]
        for value, _words in scale.ticks:
            share = scale(value)
            self.rule(share, share, min(top, self.height), self.height + 3, look="grid")
        self.elements.extend(above)
        for value, words in scale.ticks:
            share = scale(value)
            anchor = "start" if share < 0.06 else "end" if share > 0.94 else "middle"
            self.text(words, share, self.height + LINE - 4, anchor=anchor)
        self.height += LINE
        if title:
            self.label(title, "soft")

    def y_grid(self, scale: Scale, top: float, height: float) -> None:
        """Draw the lines of a scale upwards."""
        for value, _words in scale.ticks:
            y = top + (1 - scale(value)) * height
            self.rule(0, 1, y, y, look="grid")

    def y_numbers(self, scale: Scale, top: float, height: float) -> None:
        """Write the numbers of a scale upwards on its lines, at the left; after the marks, so that none hides them."""
        for value, words in scale.ticks:
            self.text(words, 0, top + (1 - scale(value)) * height - 3, look="soft")

    def svg(self, description: str) -> str:
        """Return the drawing; ``description`` is for who cannot see it."""
        role = "group" if any("<a " in element for element in self.elements) else "img"
        size = f'width="{self.width}"' if self.width else 'width="100%"'
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="drawing" role="{role}" {size} height="{self.height:.0f}" '
            f'aria-label="{escape(description)}">{"".join(self.elements)}</svg>'
        )
