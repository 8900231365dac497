"""Compose one edition of the report, that in one language: its pages, its Markdown and its figures."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from gettext import NullTranslations
from importlib import metadata
from pathlib import Path
from typing import Any, Final

from jinja2 import BytecodeCache, Environment, FileSystemLoader, StrictUndefined
from jinja2.bccache import Bucket
from markupsafe import Markup

from reports.figures.figure import Figure
from reports.site.formats import FILTERS, MarkdownText, for_markdown, interval
from reports.site.glossary import TERMS
from reports.site.locales import Locale
from reports.site.page import GROUPS, Material, Page, Study, all_pages
from reports.site.queries import PAGES, Result
from reports.site.reading import MAX_CHARTED_FAMILIES, MAX_FAMILIES, Holdings, command_for
from reports.site.tables import Tables
from reports.site.words import WORDS
from reports.site.writing import FIGURES

TEMPLATES: Final = Path(__file__).parent / "templates"

MAX_LISTED_STUDIES: Final = 8
"""Studies that the navigation names; the home page links all of them."""


class Compiled(BytecodeCache):
    """Compiled templates, kept for the editions of one render: compiling takes longer than filling them."""

    def __init__(self) -> None:
        self._codes: dict[tuple[str, str], Any] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Put the code of an unchanged template into ``bucket``, where there is one."""
        bucket.code = self._codes.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep the code in ``bucket``."""
        self._codes[bucket.key, bucket.checksum] = bucket.code


@dataclass(frozen=True)
class Sheet:
    """One page to write: the page that it is of, its file and title, the study, and its figures by name."""

    page: Page
    file: str
    title: str
    material: Material
    figures: Mapping[str, Figure]


@dataclass(frozen=True)
class Edition:
    """The report in one language: what it shows, where its pages lie, and the editions beside it.

    ``dbt_docs`` is the page of dbt's documentation beside the site, empty where there is none of this warehouse.
    """

    holdings: Holdings
    locale: Locale
    translations: NullTranslations
    folder: str
    all_locales: tuple[Locale, ...]
    tables: Tables
    dbt_docs: str = ""

    @property
    def up(self) -> str:
        """The way from a page of this edition to the root of the site."""
        return "../" if self.folder else ""

    def link(self, other: Locale, name: str) -> str:
        """Return the way from a page of this edition to the page ``name`` in another language."""
        return f"{self.up}{name}" if other is self.all_locales[0] else f"{self.up}{other.code}/{name}"

    def material(self, page: Page, study: Study | None = None) -> Material:
        """Return what the functions of ``page`` work from."""
        return Material(
            q=study.results[page.name] if study else self.holdings.site[page.name],
            shared=self.holdings.site["shared"],
            site=self.holdings.site,
            studies=self.holdings.studies,
            study=study,
            locale=self.locale,
            word=partial(word, self.translations),
            translate=self.translations.gettext,
            arrays=self.holdings.arrays,
        )

    @cached_property
    def sheets(self) -> tuple[Sheet, ...]:
        """The pages of this edition in the order of the navigation, with their figures drawn."""
        return tuple(self._sheets())

    def _sheets(self) -> Iterator[Sheet]:
        for page in all_pages():
            for study in self.holdings.studies if page.per == "study" else (None,):
                material = self.material(page, study)
                title = self.translations.gettext(page.title)
                if study:
                    title = title % {"study": study.id}
                file = f"{page.name}-{study.slug}.html" if study else f"{page.name}.html"
                figures = {figure.name: figure for figure in page.figures(material) if figure is not None}
                yield Sheet(page, file, title, material, figures)

    def pages(self, env: Environment) -> dict[str, bytes]:
        """Return the HTML of every page, by the name of its file in the site."""
        written = {}
        for sheet in self.sheets:
            shared = self._variables(sheet)
            template = env.get_template(f"{sheet.page.name}/page.html")
            html = template.render(shared | dict(sheet.page.context(sheet.material)))
            written[f"{self.folder}{sheet.file}"] = html.encode()
            for slug, variables in sheet.page.parts(sheet.material).items():
                file = f"{sheet.page.name}-{slug}.html"
                part = env.get_template(f"{sheet.page.name}/part.html")
                html = part.render(
                    shared | self._place(sheet.page, file) | {"figures": {}, "pictures": {}} | dict(variables)
                )
                written[f"{self.folder}{file}"] = html.encode()
        return written

    def files(self) -> dict[str, bytes]:
        """Return the data files of all pages, by their path in the site."""
        return {name: content for sheet in self.sheets for name, content in sheet.page.files(sheet.material).items()}

    def _variables(self, sheet: Sheet) -> dict[str, Any]:
        material = sheet.material
        return {
            "page": sheet.page,
            "title": sheet.title,
            "q": material.q,
            "shared": material.shared,
            "site": material.site,
            "study": material.study,
            "studies": material.studies,
            "synthetic_studies": [study.id for study in material.studies if study.row["is_synthetic"]],
            "figures": sheet.figures,
            "pictures": {name: f"{self.up}{FIGURES}/{self.picture(sheet, name)}.svg" for name in sheet.figures},
        } | self._place(sheet.page, sheet.file)

    def _place(self, page: Page, file: str) -> dict[str, Any]:
        """Return the variables that say where a page stands: its file, the navigation, and the other languages."""
        return {
            "file": file,
            "navigation": self._navigation(page, file),
            "languages": [
                {"locale": other, "href": self.link(other, file), "is_current": other is self.locale}
                for other in self.all_locales
            ],
        }

    def _navigation(self, page: Page, file: str) -> list[dict[str, Any]]:
        groups = []
        for group, title in GROUPS.items():
            listed = [sheet for sheet in self.sheets if sheet.page.group == group and sheet.page.is_in_navigation]
            studies = [sheet for sheet in listed if sheet.page.per == "study"]
            entries = [
                {
                    "href": sheet.file,
                    "title": sheet.material.study.id
                    if sheet.material.study
                    else self.translations.gettext(sheet.page.short or sheet.page.title),
                    "is_current": sheet.file == file,
                }
                for sheet in listed
                if sheet not in studies[MAX_LISTED_STUDIES:]
            ]
            if entries:
                name = self.translations.gettext(title)
                groups.append({"name": group, "title": name, "entries": entries, "is_current": group == page.group})
        return groups

    def markdown(self, env: Environment) -> str:
        """Return the Markdown report: the parts of all pages that have one, one below the other."""
        text = env.get_template("report.md").render(
            site={page: _plain(results) for page, results in self.holdings.site.items()},
            shared=_plain(self.holdings.site["shared"]),
            sections=[self._section(env, sheet) for sheet in self.sheets if sheet.page.has_report],
        )
        return re.sub(r"\n{3,}", "\n\n", text)

    def _section(self, env: Environment, sheet: Sheet) -> Markup:
        study = sheet.material.study
        text = env.get_template(f"{sheet.page.name}/report.md").render(
            page=sheet.page,
            title=MarkdownText(sheet.title),
            q=_plain(sheet.material.q),
            shared=_plain(sheet.material.shared),
            site={page: _plain(results) for page, results in self.holdings.site.items()},
            study=study and {"id": MarkdownText(study.id), "row": for_markdown(study.row), "labels": study.labels},
            figures={self.picture(sheet, name): figure for name, figure in sheet.figures.items()},
        )
        return Markup(text)  # noqa: S704 - made by a template that escapes

    def pictures(self) -> dict[str, str]:
        """Return every picture file as SVG, by its path without the ending."""
        return {
            self.picture(sheet, name): figure.file for sheet in self.sheets for name, figure in sheet.figures.items()
        }

    def picture(self, sheet: Sheet, name: str) -> str:
        """Return the path of a picture: a study's folder, else that of its group, which no study's slug can be."""
        folder = sheet.material.study.slug if sheet.material.study else f"_{sheet.page.group}"
        return f"{folder}/{name}.{self.locale.code}"

    def _csv(self, result: Result) -> str | None:
        """Return the way from a page to the data of a chart, where there is a file of them."""
        path = self.tables.path(result)
        return path and f"{self.up}{path}"

    def environment(self, compiled: Compiled) -> Environment:
        """Return the template engine of this edition: what is undefined is an error, what is printed is escaped."""
        env = Environment(
            loader=FileSystemLoader([TEMPLATES, PAGES]),
            bytecode_cache=compiled,
            optimized=False,  # else words would be put into the code, which all languages share
            autoescape=True,
            undefined=StrictUndefined,
            extensions=["jinja2.ext.i18n"],
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )
        env.install_gettext_translations(self.translations, newstyle=True)  # type: ignore[attr-defined]
        env.filters.update(FILTERS)
        env.filters["word"] = partial(word, self.translations)
        env.filters["country"] = self.locale.country
        env.filters["language"] = self.locale.language
        env.globals.update(
            interval=interval,
            command_for=command_for,
            csv_of=self._csv,
            language=self.locale,
            up=self.up,
            dbt_docs=self.dbt_docs and f"{self.up}../{self.dbt_docs}",
            max_families=MAX_FAMILIES,
            max_charted_families=MAX_CHARTED_FAMILIES,
            terms=TERMS,
            version=metadata.version("modelkin"),
        )
        return env


def word(translations: NullTranslations, code: str | None, kind: str = "") -> str:
    """Return the word for a code as trusted text, which escaping would only disfigure; else the code, to be escaped."""
    if code is None:
        return Markup(translations.gettext("none"))  # noqa: S704 - from the catalogue
    if f"{kind}:{code}" in WORDS:
        return Markup(translations.gettext(WORDS[f"{kind}:{code}"]))  # noqa: S704 - as above
    if code in WORDS:
        return Markup(translations.gettext(WORDS[code]))  # noqa: S704 - as above
    parts = re.split(", ?", code)
    known = [translations.gettext(WORDS[part]) for part in parts if part in WORDS]
    return Markup(", ".join(known)) if len(known) == len(parts) else code  # noqa: S704 - as above


def _plain(results: Mapping[str, Result]) -> dict[str, Result]:
    return {
        name: Result(result.name, result.sql, tuple(for_markdown(row) for row in result.rows), result.missing)
        for name, result in results.items()
    }
