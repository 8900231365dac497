"""What a page is: a folder under ``pages`` that holds all of it, found by the ``page.py`` in it.

The folder ``pages/<page>/`` has

- ``page.py`` with ``PAGE``, a ``Page``: its title, its place in the navigation, and functions that draw its figures;
- ``*.sql``, queries whose results the template and the functions find by the file's stem in ``q``;
- ``page.html``, its template, which extends ``base.html`` and fills the block ``main``;
- ``sentences.jinja``, where it answers questions: one macro per question, which the Markdown report uses as well;
- ``report.md``, its part of the Markdown report, where it has one;
- ``part.html``, the template of its further pages, where it has some.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, Final, Literal

import duckdb

from reports.figures.figure import Figure, Translate
from reports.site.locales import Locale
from reports.site.queries import PAGES, Result, Row
from reports.site.words import N_

Words = Callable[..., str]
"""Gives the word for a code, of a kind where the code has several meanings, in the reader's language."""

Group = Literal["home", "explore", "studies", "ecosystem", "method"]

GROUPS: Final[Mapping[str, str]] = {
    "home": N_("Home"),
    "explore": N_("Explore"),
    "studies": N_("Studies"),
    "ecosystem": N_("Ecosystem"),
    "method": N_("Method"),
}
"""The parts of the site, in the order of the navigation; each page is in one."""


@dataclass(frozen=True)
class Study:
    """A study with the results of the queries of its pages; ``slug`` is its id made fit for a file name."""

    row: Row
    slug: str
    labels: tuple[str, ...]
    results: Mapping[str, Mapping[str, Result]] = field(repr=False)

    @property
    def id(self) -> str:
        """The study's id."""
        return str(self.row["study_id"])


@dataclass(frozen=True)
class Material:
    """What the functions of a page work from: results of queries, and the language to speak.

    ``q`` has the results of the page's own queries, ``site`` those of every page of the site by page and name,
    ``shared`` those of ``pages/shared``. ``study`` is None but for a page per study. ``arrays`` is what the
    ``read`` of each page returned.
    """

    q: Mapping[str, Result]
    shared: Mapping[str, Result]
    site: Mapping[str, Mapping[str, Result]]
    studies: tuple[Study, ...]
    study: Study | None
    locale: Locale
    word: Words
    translate: Translate
    arrays: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_observed(self) -> bool:
        """Whether the metadata of any model were seen; what is known by id alone makes no picture."""
        return bool(self.shared["coverage"].only().get("n_observed"))


@dataclass(frozen=True)
class Question:
    """A question that a page answers: the macro with the answer, its words, and the query that the answer rests on."""

    name: str
    words: str
    query: str


Figures = Callable[[Material], Sequence[Figure | None]]
Context = Callable[[Material], Mapping[str, Any]]
Parts = Callable[[Material], Mapping[str, Mapping[str, Any]]]
Files = Callable[[Material], Mapping[str, bytes]]
Read = Callable[[duckdb.DuckDBPyConnection], Any]


def _nothing(_material: Material) -> Mapping[str, Any]:
    return {}


def _unread(_connection: duckdb.DuckDBPyConnection) -> None:
    return None


def _no_figures(_material: Material) -> Sequence[Figure | None]:
    return ()


@dataclass(frozen=True)
class Page:
    """A page of the site.

    ``title`` is marked with ``N_`` and may name ``%(study)s``; ``short`` is its name in the navigation, the title where
    there is none. ``order`` is its place within ``group``. A page ``per`` study is written once for each of them, as
    ``<page>-<study>.html``, and its queries take the study's parameters.

    ``figures`` draws the figures, None for one without data, which the template finds by name in ``figures``.
    ``context`` gives further variables of the template. ``parts`` gives further pages, by slug the variables of the
    template ``part.html``, written as ``<page>-<slug>.html``. ``files`` gives data files of the site by their path,
    the same for every language. ``read`` reads what is too much for rows of queries, once for all languages; the other
    functions find it in ``arrays``. ``name``, the folder's, is filled in when the page is found.
    """

    title: str
    group: Group
    order: int
    short: str = ""
    per: Literal["site", "study"] = "site"
    is_in_navigation: bool = True
    questions: tuple[Question, ...] = ()
    figures: Figures = _no_figures
    context: Context = _nothing
    parts: Parts = _nothing
    files: Files = _nothing
    read: Read = _unread
    name: str = ""

    @property
    def folder(self) -> Path:
        """Where the page's files are."""
        return PAGES / self.name

    @property
    def has_report(self) -> bool:
        """Whether the page has a part of the Markdown report."""
        return (self.folder / "report.md").is_file()


@cache
def all_pages() -> tuple[Page, ...]:
    """Return the pages, in the order of the navigation."""
    found = [
        replace(import_module(f"reports.site.pages.{path.parent.name}.page").PAGE, name=path.parent.name)
        for path in PAGES.glob("*/page.py")
    ]
    return tuple(sorted(found, key=lambda page: (list(GROUPS).index(page.group), page.order, page.name)))
