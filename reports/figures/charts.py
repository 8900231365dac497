"""The kinds of charts: values in, a panel out. Words come in the reader's language, colours by name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from html import escape
from itertools import groupby
from typing import Final

from reports.figures.drawing import LINE, NARROWEST, Drawing, Scale, clipped, counts, days, linear, width_of
from reports.figures.figure import Panel

PLOT: Final = 220
"""Height of a plot with an axis upwards, in pixels."""

BAR: Final = 12
"""Height of a bar, in pixels."""

MOST_OF_WIDTH: Final = 0.82
"""Share of the width that the longest bar takes, so that its number fits behind it."""


HEAT: Final = 560
"""Height of a square of cells, in pixels; on a narrow page it is smaller and leaves room below."""


@dataclass(frozen=True)
class Mark:
    """A value to draw: what is said of it on hover, and where it leads."""

    value: float
    words: str = ""
    href: str = ""
    jitter: float = 0


@dataclass(frozen=True)
class Note:
    """A mark of a band that is named: the words for it."""

    mark: Mark
    words: str


@dataclass(frozen=True)
class Band:
    """Marks of one group in a strip: its name and colour, its mean with the words for it, and the marks named."""

    label: str
    look: str
    marks: Sequence[Mark]
    mean: float | None = None
    mean_words: str = ""
    notes: Sequence[Note] = ()


def strip(title: str, description: str, bands: Sequence[Band], scale: Scale, axis: str, *, height: float = 64) -> Panel:
    """Return a band of points for each group, its mean as a bar, with the points that are named above it."""

    def draw(d: Drawing) -> None:
        top, behind = d.height, len(d.elements)
        for band in bands:
            d.label(band.label, "strong")
            named = sorted(band.notes, key=lambda note: note.mark.value)
            middle = d.height + LINE * len(named) + height / 2 + 4
            for note in named:
                d.height += LINE
                share = scale(note.mark.value)
                y = middle + note.mark.jitter * height * 0.8
                d.rule(share, share, d.height - 2, y, look="leader")
                _beside(d, note.words, share, d.height - 5, href=note.mark.href)
            d.height = middle + height / 2
            for mark in band.marks:
                y = middle + mark.jitter * height * 0.8
                d.dot(scale(mark.value), y, f"dot {band.look}", words=mark.words, href=mark.href)
            for note in named:
                y = middle + note.mark.jitter * height * 0.8
                d.dot(scale(note.mark.value), y, band.look, words=note.mark.words, radius=4)
            if band.mean is not None:
                share = scale(band.mean)
                d.rule(share, share, middle - height / 2, d.height + 2, look="mean")
                d.height += LINE
                _beside(d, band.mean_words, share, d.height - 3, look="strong")
            d.height += 8
        d.x_axis(scale, top, axis, behind=behind)

    return Panel(title, description, draw)


def _beside(d: Drawing, words: str, share: float, y: float, *, href: str = "", look: str = "") -> None:
    """Write words from a place on, or up to it where they would not fit after it."""
    words = clipped(words, NARROWEST * 0.94)
    fits_after = share * NARROWEST + width_of(words) < NARROWEST * 0.97
    fits_before = (1 - share) * NARROWEST + width_of(words) < NARROWEST * 0.97
    if fits_after or not fits_before:
        place, anchor, shift = (share, "start", 5) if fits_after else (0.0, "start", 0)
    else:
        place, anchor, shift = share, "end", -5
    if href:
        d.elements.append(f'<a href="{escape(href)}">')
    d.text(words, place, y, anchor=anchor, look=look, dx=shift)
    if href:
        d.elements.append("</a>")


@dataclass(frozen=True)
class Point:
    """A point of a scatter or a line: where it is, and what is said of it."""

    x: float
    y: float
    words: str = ""


@dataclass(frozen=True)
class Series:
    """Points of one group: its name and colour."""

    label: str
    look: str
    points: Sequence[Point]


def scatter(
    title: str,
    description: str,
    series: Sequence[Series],
    x: Scale,
    y: Scale,
    *,
    axes: tuple[str, str],
    dots: bool = True,
    is_diagonal: bool = False,
) -> Panel:
    """Return points of each group, or lines through them, over two axes, whose words are across, then upwards."""

    def draw(d: Drawing) -> None:
        if len(series) > 1:
            d.legend((one.look, one.label) for one in series)
        d.label(axes[1], "soft")
        d.height += LINE
        top, behind = d.height, len(d.elements)
        d.y_grid(y, top, PLOT)
        if is_diagonal:
            d.rule(0, 1, top + PLOT, top, look="leader")
        for one in series:
            if dots:
                for point in one.points:
                    d.dot(x(point.x), top + (1 - y(point.y)) * PLOT, f"dot {one.look}", words=point.words)
            else:
                path = [(x(point.x), 1 - y(point.y)) for point in one.points]
                d.path(path, top, PLOT, look=f"line {one.look}", words=one.label)
        d.y_numbers(y, top, PLOT)
        d.height += PLOT
        d.x_axis(x, top, axes[0], behind=behind)

    return Panel(title, description, draw)


def lines(
    title: str, description: str, series: Sequence[Series], x: Scale, y: Scale, *, axes: tuple[str, str]
) -> Panel:
    """Return a line for each group over two axes."""
    return scatter(title, description, series, x, y, axes=axes, dots=False)


@dataclass(frozen=True)
class Bar:
    """A bar, or a part of one: its colour, its length, and the number written behind it."""

    look: str
    value: float
    number: str
    words: str = ""


def bars(
    title: str, description: str, rows: Sequence[tuple[str, Sequence[Bar]]], legend: Mapping[str, str] | None = None
) -> Panel:
    """Return for each label its bars, one below another, each with its number; ``legend`` has words by colour."""
    most = max((bar.value for _label, row in rows for bar in row), default=0) or 1

    def draw(d: Drawing) -> None:
        if legend:
            d.legend((look, words) for look, words in legend.items())
        for label, row in rows:
            d.label(label)
            for bar in row:
                length = bar.value / most * MOST_OF_WIDTH
                d.bar(0, length, d.height, BAR, look=bar.look, words=bar.words)
                d.text(bar.number, length, d.height + BAR - 1.5, dx=5)
                d.height += BAR + 3
            d.height += 5

    return Panel(title, description, draw)


def stacked(
    title: str,
    description: str,
    rows: Sequence[tuple[str, Sequence[Bar]]],
    legend: Mapping[str, str],
    *,
    scale: Scale | None = None,
    axis: str = "",
) -> Panel:
    """Return for each label one bar of several parts; shares of 1 without a scale."""
    across = scale or linear(0, 1, "{:.0%}")

    def draw(d: Drawing) -> None:
        d.legend((look, words) for look, words in legend.items())
        top, behind = d.height, len(d.elements)
        for label, row in rows:
            d.label(label)
            start = 0.0
            for bar in row:
                end = start + bar.value
                d.bar(across(start), across(end), d.height, BAR + 4, look=bar.look, words=bar.words)
                start = end
            d.height += BAR + 12
        d.x_axis(across, top, axis, behind=behind)

    return Panel(title, description, draw)


def columns(
    title: str,
    description: str,
    rows: Sequence[tuple[date, str, float]],
    legend: Mapping[str, str],
    *,
    n_days: int,
    axis: str,
) -> Panel:
    """Return stacked columns over time of rows of day, colour and value; each is ``n_days`` wide."""
    by_day = {day: list(part) for day, part in groupby(sorted(rows, key=lambda row: row[0]), key=lambda row: row[0])}
    order = list(legend)
    most = max((sum(value for _day, _look, value in part) for part in by_day.values()), default=1)
    y = counts(most)
    x = days(min(by_day), date.fromordinal(max(by_day).toordinal() + n_days))

    def draw(d: Drawing) -> None:
        if len(legend) > 1:
            d.legend((look, words) for look, words in legend.items())
        d.label(axis, "soft")
        d.height += LINE
        top = d.height
        d.y_grid(y, top, PLOT)
        for day, part in by_day.items():
            base = 0.0
            left, right = x(day.toordinal()), x(day.toordinal() + n_days)
            for _day, look, value in sorted(part, key=lambda row: order.index(row[1])):
                height = y(value) * PLOT
                bottom = top + PLOT - y(base) * PLOT
                words = f"{day:%Y-%m}, {legend[look]}: {value:,.0f}"
                d.bar(left, left + (right - left) * 0.88, bottom - height, height, look=look, words=words)
                base += value
        d.y_numbers(y, top, PLOT)
        d.height += PLOT
        d.x_axis(x, d.height)

    return Panel(title, description, draw)


@dataclass(frozen=True)
class Interval:
    """An estimate with its interval, where it has one, and the words for it."""

    look: str
    value: float
    low: float | None
    high: float | None
    words: str


def intervals(
    title: str,
    description: str,
    rows: Sequence[tuple[str, Sequence[Interval]]],
    scale: Scale,
    *,
    axis: str,
    legend: Mapping[str, str] | None = None,
    reference: float | None = None,
) -> Panel:
    """Return for each label its estimates with their intervals on one line, and the words for them behind its name."""

    def draw(d: Drawing) -> None:
        if legend:
            d.legend((look, words) for look, words in legend.items())
        top, behind = d.height, len(d.elements)
        for label, row in rows:
            words = " → ".join(one.words for one in row)
            d.label(label)
            if width_of(label) + width_of(words) > NARROWEST * 0.9:
                d.height += LINE
            d.text(words, 1, d.height - 4, anchor="end", look="soft")
            y = d.height + 8
            if len(row) > 1:
                ends = sorted(scale(one.value) for one in row)
                d.rule(ends[0], ends[-1], y, y, look="leader")
            for one in row:
                if one.low is not None or one.high is not None:
                    low = scale(scale.low if one.low is None else one.low)
                    high = scale(scale.high if one.high is None else one.high)
                    d.rule(low, high, y, y, look=f"line {one.look}", words=one.words)
                d.dot(scale(one.value), y, one.look, words=one.words, radius=5)
            d.height += 20
        if reference is not None:
            d.rule(scale(reference), scale(reference), top, d.height, look="leader")
        d.x_axis(scale, top, axis, behind=behind)

    return Panel(title, description, draw)


def heat(title: str, description: str, cells: Sequence[Sequence[int]], legend: Sequence[str], axis: str) -> Panel:
    """Return a square of cells, each 0 for nothing or the step 1.. of ``legend`` that its value is in."""
    size = len(cells)

    def draw(d: Drawing) -> None:
        d.legend((f"heat{step}", words) for step, words in enumerate(legend, start=1))
        paths: dict[int, list[str]] = {}
        for down, row in enumerate(cells):
            across = 0
            for step, run in groupby(row):
                n = len(list(run))
                if step:
                    paths.setdefault(step, []).append(f"M{across} {down}h{n}v1h-{n}z")
                across += n
        drawn = "".join(f'<path d="{"".join(path)}" class="heat{step}"/>' for step, path in sorted(paths.items()))
        side = 640 if d.width else 100
        unit = "" if d.width else "%"
        d.elements.append(
            f'<svg x="{0 if not d.width else 16}" y="{d.height:.0f}" width="{side}{unit}" height="{HEAT}" '
            f'viewBox="0 0 {size} {size}" preserveAspectRatio="xMinYMin meet" shape-rendering="crispEdges">'
            f'<rect width="{size}" height="{size}" class="heat0"/>{drawn}</svg>'
        )
        d.height += HEAT
        d.label(axis, "soft")

    return Panel(title, description, draw)
