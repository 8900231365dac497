"""Every number of the pages comes from a cell of a query, so from `marts` or `stats`: none is typed into a template.

The pages are composed once with formats that check what they are given and mark what they return. Digits that then
bear no mark were typed by somebody; the list says which of them may be, and why.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from jinja2 import Environment
from markupsafe import Markup

from reports.site import explored, formats
from reports.site.composing import Compiled, Edition
from reports.site.locales import LOCALES
from reports.site.reading import Holdings, read
from reports.site.tables import Tables

LEFT, RIGHT = "\ue000", "\ue001"
TICK = re.compile(r"[<≥≤]? ?-?[\d.,]+[kMBT%]?|\d{4}(-\d\d)?")
"""A number beside an axis: of the scale, not of the data."""

FORMATS = (
    "count", "overlap", "share", "percent", "figure", "p_value", "day", "month", "parameters", "instant",
    "compact_json",
)  # fmt: skip

TYPED = {
    r"95% interval": "the level of the intervals",
    r"50% is guessing|0\.5 is guessing": "what a coin would reach",
    r"0 is none, 1 or −1 perfect|1 is all of it, 0 none|between −1 and 1|between 0 and 1": "the ends of a scale",
    r"1 is equal|Above 1 the models|under 1 those": "what no difference is",
    r"at least 0\.9\)|at most 0\.05|fewer than 5 values": "rules set beforehand",
    r"log\(1 \+ x\)|log10\(1 \+ n\)|mean of 1 \+ downloads, less 1": "formulas",
    r"2,000 as a rule": "the usual size of a fingerprint",
    r"here 4 of 6|\b[123]\. (?=Both|The least|The overlap)": "the drawing of the three steps",
    r"30 days": "what the Hub counts downloads of",
    r"at most 10\b|11 to 100|more than 100|headed 0-10|tier 1-10|1-10, 11-100, 101-1k, over 1k": "tiers of downloads",
    r"first 10(?:0)?\b": "headings: shares of the most downloaded",
    r"\d{4}-\d{2}, [^:]*: [\d,]+": "said of a column by the chart that draws it as high",
}
"""Patterns of phrases whose digits are not of the data, and what they are."""


def cells(holdings: Holdings) -> set[Any]:
    """Return every value of every query, the number of rows of each, and what the explorer counted."""
    results = [result for page in holdings.site.values() for result in page.values()]
    results += [result for study in holdings.studies for page in study.results.values() for result in page.values()]
    found: set[Any] = {len(result) for result in results}
    for result in results:
        found |= {value for row in result for value in row.values() if not isinstance(value, list | dict)}
    for array in holdings.arrays.values():
        if isinstance(array, explored.Explored):
            found |= {value for value in array.picture.values() if isinstance(value, int)} | {array.n_kept}
    return found


class Marks:
    """Formats and functions of the templates that mark what comes from a cell, and note what does not."""

    def __init__(self, known: set[Any]) -> None:
        self.known = known
        self.strange: set[Any] = set()
        self.is_within = False

    def check(self, value: Any) -> None:
        if isinstance(value, int | float | date) and not isinstance(value, bool) and value not in self.known:
            self.strange.add(value)

    def format(self, write: Callable[..., str]) -> Callable[..., str]:
        def marked(*values: Any) -> str:
            if self.is_within:  # one format that another one uses
                return write(*values)
            for value in values:
                self.check(value)
            self.is_within = True
            try:
                return f"{LEFT}{write(*values)}{RIGHT}"
            finally:
                self.is_within = False

        return marked

    def printed(self, value: Any) -> Any:
        """Mark what an expression prints, but for text that a template or a catalogue made."""
        if isinstance(value, Markup) or value is None:
            return value
        return f"{LEFT}{value}{RIGHT}" if isinstance(value, str) or value in self.known else value

    def gettext(self, message: str, /, **values: Any) -> str:
        return Markup(message) % {name: self.printed(value) for name, value in values.items()}

    def ngettext(self, singular: str, plural: str, n: int, /, **values: Any) -> str:
        return self.gettext(singular if n == 1 else plural, **{"num": n} | values)

    def into(self, env: Environment) -> None:
        env.finalize = self.printed
        env.filters |= {name: getattr(formats, name) for name in FORMATS}
        env.globals |= {"gettext": self.gettext, "ngettext": self.ngettext, "interval": formats.interval}


class Words(HTMLParser):
    """The text of a page that people see, and what its charts say of their marks."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.said: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag in ("script", "style", "pre", "text"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self.open and tag == self.open[-1]:
            self.open.pop()

    def handle_data(self, data: str) -> None:
        of = self.open[-1] if self.open else ""
        if of in ("", "text") and not (of == "text" and (TICK.fullmatch(data) or "…" in data)):
            self.said.append(data)


def typed(html: str, names: Iterable[str]) -> set[str]:
    """Return what stands around each digit of a page that no format wrote and that is not on the list."""
    said = " ".join(" ".join(Words(html).said).split())
    text = re.sub(f"{LEFT}[^{LEFT}{RIGHT}]*{RIGHT}", "¤", said)
    while LEFT in text:  # a marked value within another
        text, before = re.sub(f"{LEFT}[^{LEFT}{RIGHT}]*{RIGHT}", "¤", text), text
        assert text != before, text
    for name in names:
        text = text.replace(name, "…")
    for phrase in TYPED:
        text = re.sub(phrase, "…", text)
    return {text[max(found.start() - 30, 0) : found.end() + 20] for found in re.finditer(r"\d+", text)}


@pytest.fixture(scope="module")
def marked(two_studies: Path) -> Iterator[tuple[Marks, dict[str, str]]]:
    holdings = read(two_studies)
    marks = Marks(cells(holdings))
    with pytest.MonkeyPatch.context() as patch:
        for name in FORMATS:
            patch.setattr(formats, name, marks.format(getattr(formats, name)))
        edition = Edition(
            holdings, LOCALES["en"], LOCALES["en"].translations(), "", tuple(LOCALES.values()), Tables(holdings)
        )
        env = edition.environment(Compiled())
        marks.into(env)
        yield marks, {name: html.decode() for name, html in edition.pages(env).items()}


def names(marks: Marks) -> list[str]:
    """Return the texts of the data that hold a digit, such as ids, the longest first; charts write them as they are."""
    texts = {value for value in marks.known if isinstance(value, str) and re.search(r"\d", value)}
    return sorted(texts, key=len, reverse=True)


def test_every_number_of_a_page_is_a_cell_of_a_query(marked: tuple[Marks, dict[str, str]]) -> None:
    marks, pages = marked
    assert len(pages) > 15
    assert {name: found for name, html in pages.items() if (found := typed(html, names(marks)))} == {}
    assert marks.strange == set()


def test_a_number_that_somebody_types_is_noticed(marked: tuple[Marks, dict[str, str]]) -> None:
    marks, pages = marked
    for typed_in in ("It keeps 73% of it.", "Of 1,234 models"):
        html = pages["index.html"].replace("</main>", f"<p>{typed_in}</p></main>")
        assert typed(html, names(marks)), typed_in
    own = Marks({0.4914, 24})
    own.format(formats.overlap)(0.4915)
    own.format(formats.count)(5)
    own.format(formats.count)(24)
    assert own.strange == {0.4915, 5}
