"""Render the report: read the marts and stats once, then write pages, Markdown and pictures."""

import hashlib
import json
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from gettext import NullTranslations
from importlib import metadata
from pathlib import Path
from typing import Any, Final

import altair as alt
import duckdb
from jinja2 import BytecodeCache, Environment, FileSystemLoader, StrictUndefined
from jinja2.bccache import Bucket
from markupsafe import Markup

from modelkin.errors import InputError, UsageError, WarehouseError
from modelkin.stats_tables import tables_of_other_builds
from modelkin.warehouse import connect
from reports.figures import downloads, effects, families, files
from reports.figures.figure import PALETTE, Figure
from reports.site.ecosystem import ECOSYSTEM_PAGES, ecosystem_figures
from reports.site.formats import FILTERS, MarkdownText, for_markdown, interval
from reports.site.locales import LOCALES, Locale
from reports.site.queries import PAGES, Result, Row, read_folder, read_query
from reports.site.words import WORDS

ASSETS: Final = Path(__file__).parent / "assets"
TEMPLATES: Final = Path(__file__).parent / "templates"

MAX_FAMILIES: Final = 12
"""Families of a study that its tables list, those with the most valid pairs; the page says how many there are."""

MAX_CHARTED_FAMILIES: Final = len(PALETTE)
"""Families of a study that its charts show: as many as there are colours to tell apart."""

SITE_PAGES: Final = ("index", "models", *ECOSYSTEM_PAGES, "lineage", "quality", "claims", "provenance", "method")
STUDY_PAGES: Final = ("study", "tests")

OPTIONAL_TABLES: Final = frozenset({"stats.model_graph"})
"""Tables that a report is whole without: measuring the network is a step of its own."""

MANIFEST: Final = ".modelkin-files.json"
"""The list of what the last render wrote into a folder: the next one removes what no longer belongs, and no more."""

DBT_DOCS: Final = "dbt/static_index.html"
"""The documentation that `make docs` writes beside the site, which is linked where it is there."""

INDEX_FIGURES: Final = ("overlap_by_relation", "trends")


@dataclass(frozen=True)
class Study:
    """A study with the results of the queries of its pages; ``slug`` is its id made fit for a file name."""

    row: Row
    slug: str
    results: Mapping[str, Mapping[str, Result]]

    @property
    def id(self) -> str:
        """The study's id."""
        return str(self.row["study_id"])

    @property
    def labels(self) -> list[str]:
        """The families that its tables list, those with the most valid pairs first."""
        return [row["family_label"] for row in self.results["study"]["families"]]


@dataclass(frozen=True)
class Holdings:
    """All that the pages show, read from the warehouse at one moment."""

    site: Mapping[str, Mapping[str, Result]]
    studies: tuple[Study, ...]


@dataclass(frozen=True)
class Edition:
    """The report in one language: the catalogue, where its pages lie, and the editions beside it."""

    locale: Locale
    translations: NullTranslations
    folder: str
    all_locales: tuple[Locale, ...]

    @property
    def up(self) -> str:
        """The way from a page of this edition to the root of the site."""
        return "../" if self.folder else ""

    def link(self, other: Locale, name: str) -> str:
        """Return the way from a page of this edition to the page ``name`` in another language."""
        return f"{self.up}{name}" if other is self.all_locales[0] else f"{self.up}{other.code}/{name}"


@dataclass(frozen=True)
class Rendered:
    """What a render wrote: its first page, and how many files of each kind."""

    index: Path
    n_pages: int
    n_figures: int
    reports: tuple[Path, ...]
    notes: tuple[str, ...] = field(default=())


def render(warehouse: Path, out: Path, locale: str) -> Rendered:
    """Write the site into ``out``, and the Markdown reports and the figures beside it.

    ``locale`` is a language's code, or ``all``. The first language is at the root of the site, another one in a
    folder of its own. Raises UsageError for an unknown language or a folder that is a file, WarehouseError when the
    marts are not there.
    """
    if locale != "all" and locale not in LOCALES:
        raise UsageError(f"There is no report in {locale}; use --locale {'|'.join([*LOCALES, 'all'])}.")
    chosen = tuple(LOCALES.values()) if locale == "all" else (LOCALES[locale],)
    _last_written(out)  # what is wrong with the folder is said before the work
    holdings = read(warehouse)

    pages: dict[str, bytes] = {f"assets/{path.name}": path.read_bytes() for path in sorted(ASSETS.iterdir())}
    pages[SCRIPT_NAME] = _script(out / SCRIPT_NAME)
    pictures: dict[str, dict[str, Any]] = {}
    reports: dict[str, str] = {}
    compiled = Compiled()
    for place, language in enumerate(chosen):
        edition = Edition(language, language.translations(), "" if place == 0 else f"{language.code}/", chosen)
        figures = edition_figures(holdings, edition)
        env = environment(edition, compiled)
        env.globals["has_dbt_docs"] = (out.parent / DBT_DOCS).is_file()
        pages.update(_pages(holdings, figures, edition, env))
        reports[f"report.{language.code}.md"] = _markdown(holdings, figures, env)
        pictures.update(_pictures(holdings, figures, language))
    _write(out, pages)
    _draw(out.parent / "figures", pictures)
    for name, text in reports.items():
        _write_file(out.parent / name, text.encode())
    return Rendered(
        index=out / "index.html",
        n_pages=sum(name.endswith(".html") for name in pages),
        n_figures=sum(len(_formats(name)) for name in pictures),
        reports=tuple(out.parent / name for name in reports),
        notes=tuple(_notes(holdings)),
    )


# reading


def read(warehouse: Path) -> Holdings:
    """Return what all pages show; WarehouseError when there are no marts, or ``stats`` of another build of them."""
    with connect(warehouse, read_only=True) as connection:
        shared = read_folder(connection, PAGES / "shared")
        if shared["studies"].missing:
            raise WarehouseError(
                f"{warehouse} has no table {' or '.join(shared['studies'].missing)}; run `modelkin build` first."
            )
        mixed = set(tables_of_other_builds(connection)) - OPTIONAL_TABLES
        if mixed:
            raise WarehouseError(
                f"The marts of {warehouse} were built again since {' and '.join(sorted(mixed))} was made from them; "
                "run `python -m reports test` again."
            )
        site = {"shared": shared} | {page: read_folder(connection, PAGES / page) for page in SITE_PAGES}
        studies = tuple(_study(connection, row) for row in shared["studies"])
    return Holdings(site, studies)


def _study(connection: duckdb.DuckDBPyConnection, row: Row) -> Study:
    parameters: dict[str, Any] = {"study_id": row["study_id"], "max_families": MAX_FAMILIES}
    labels = [family["family_label"] for family in read_query(connection, PAGES / "study" / "families.sql", parameters)]
    parameters |= {"families": labels, "charted_families": labels[:MAX_CHARTED_FAMILIES]}
    results = {page: read_folder(connection, PAGES / page, parameters) for page in STUDY_PAGES}
    return Study(row, slug(row["study_id"]), results)


def slug(study_id: str) -> str:
    """Return ``study_id`` as a part of a file name: itself where it can be, else with a digest that tells it apart."""
    plain = re.sub(r"[^a-z0-9]+", "-", study_id.lower())[:40].strip("-")
    if plain == study_id:
        return plain
    return f"{plain or 'study'}-{hashlib.sha256(study_id.encode()).hexdigest()[:6]}"


def _notes(holdings: Holdings) -> Iterable[str]:
    if not holdings.studies:
        yield "there are no measured pairs yet: the pages say so."
    missing = {
        table
        for results in [*holdings.site.values(), *(r for study in holdings.studies for r in study.results.values())]
        for result in results.values()
        for table in result.missing
    }
    for table in sorted(missing - OPTIONAL_TABLES):
        yield f"there is no {table}; run {command_for(table)} to see its section."


def command_for(table: str) -> str:
    """Return the command that makes ``table``, in backticks."""
    if table in OPTIONAL_TABLES:
        return "`python -m reports export`"
    return "`python -m reports test`" if table.startswith("stats.") else "`dbt build`"


# figures


@dataclass(frozen=True)
class Figures:
    """The figures of one edition: of each study, and of each page on the ecosystem, by name in reading order."""

    studies: Mapping[str, Mapping[str, Figure]]
    pages: Mapping[str, Mapping[str, Figure]]


def edition_figures(holdings: Holdings, edition: Edition) -> Figures:
    """Return all figures in the language of ``edition``."""
    translations = edition.translations
    with alt.utils.schemapi.debug_mode(False):  # every chart is validated in the tests; here it would cost seconds
        return Figures(
            {study.id: study_figures(study, translations) for study in holdings.studies},
            ecosystem_figures(
                holdings.site, edition.locale, lambda code, kind: _word(translations, code, kind), translations.gettext
            ),
        )


def study_figures(study: Study, translations: NullTranslations) -> dict[str, Figure]:
    """Return the figures of a study that there are data for, by name, in reading order."""
    _ = translations.gettext
    results = study.results["study"]
    labels = study.labels[:MAX_CHARTED_FAMILIES]
    pairs, tiers = results["pairs"].rows, [row["download_tier"] for row in results["tier_labels"]]
    ranges = results["ranges"].where(scheme="fifths").rows
    scopes = {"all": _("all downloads"), "low": _("low"), "medium": _("medium"), "high": _("high")}
    delta = [{**row, "scope_words": scopes.get(row["scope"], _("unknown"))} for row in results["effects"]]
    drawn = (
        families.overlap_by_relation(pairs, labels, _),
        families.family_comparison(pairs, ranges, labels, _),
        downloads.relation_panels(pairs, labels, _),
        downloads.downloads_six(pairs, tiers, labels, _),
        downloads.sweep(results["sweep"].rows, labels, _),
        effects.same_vs_different(delta, labels, _),
        effects.roc(results["curve"].rows, labels, _),
        effects.by_k(results["by_k"].rows, labels, _),
    )
    return {figure.name: figure for figure in drawn if figure is not None}


def _pictures(holdings: Holdings, figures: Figures, language: Locale) -> dict[str, dict[str, Any]]:
    """Return the specification of every picture file, by its name without the ending."""
    folders = [(study.slug, figures.studies[study.id]) for study in holdings.studies]
    folders += [("_ecosystem", drawn) for drawn in figures.pages.values()]  # no study's slug has such a sign
    return {
        f"{folder}/{name}.{language.code}": figure.file_spec()
        for folder, drawn in folders
        for name, figure in drawn.items()
    }


def _formats(name: str) -> tuple[str, ...]:
    """Return the endings of a picture: a PNG of the English ones alone, since Chinese in it needs fonts installed."""
    return ("svg", "png") if name.endswith(".en") else ("svg",)


def _draw(folder: Path, pictures: Mapping[str, dict[str, Any]]) -> None:
    """Write the picture files; one whose specification is that of the last render is left as it is."""
    last = _last_written(folder)
    written: dict[str, str] = {}
    for name, spec in pictures.items():
        digest = hashlib.sha256(json.dumps([_DRAWN_BY, spec]).encode()).hexdigest()
        names = [f"{name}.{ending}" for ending in _formats(name)]
        written |= dict.fromkeys(names, digest)
        if all(last.get(file) == digest and (folder / file).is_file() for file in names):
            continue
        drawn = files.svg(spec)
        for file in names:
            _write_file(folder / file, drawn.encode() if file.endswith(".svg") else files.png(drawn))
    _finish(folder, last, written)


_DRAWN_BY: Final = metadata.version("vl-convert-python")
SCRIPT_NAME: Final = f"assets/vega-{_DRAWN_BY}.js"


def _script(path: Path) -> bytes:
    """Return the script that draws charts: the one there from the last render, since making it takes seconds."""
    if path.is_file():
        return path.read_bytes()
    return files.script().encode()


# pages


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


def environment(edition: Edition, compiled: Compiled) -> Environment:
    """Return the template engine for one language: what is undefined is an error, what is printed is escaped."""
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
    env.install_gettext_translations(edition.translations, newstyle=True)  # type: ignore[attr-defined]
    env.filters.update(FILTERS)
    env.filters["word"] = partial(_word, edition.translations)
    env.filters["country"] = edition.locale.country
    env.filters["language"] = edition.locale.language
    env.globals.update(
        interval=interval,
        command_for=command_for,
        language=edition.locale,
        dbt_docs=f"{edition.up}../{DBT_DOCS}",
        has_dbt_docs=False,
    )
    return env


def _word(translations: NullTranslations, code: str | None, kind: str = "") -> str:
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


def _pages(holdings: Holdings, figures: Figures, edition: Edition, env: Environment) -> dict[str, bytes]:
    lead = holdings.studies[0] if holdings.studies else None
    plan: list[tuple[str, str, Study | None, Mapping[str, Figure]]] = []
    for page in SITE_PAGES:
        shown = figures.pages.get(page, {})
        if page == "index" and lead:
            shown = {name: figure for name, figure in figures.studies[lead.id].items() if name in INDEX_FIGURES}
        plan.append((page, f"{page}.html", lead, shown))
    for study in holdings.studies:
        plan.append(("study", f"study-{study.slug}.html", study, figures.studies[study.id]))
        plan.append(("tests", f"tests-{study.slug}.html", study, {}))
    written = {}
    for page, name, page_study, page_figures in plan:
        charts, datasets = _embedded(page_figures)
        html = env.get_template(f"{page}/page.html").render(
            page=page,
            file=name,
            up=edition.up,
            q=holdings.site.get(page, {}),
            shared=holdings.site["shared"],
            studies=holdings.studies,
            synthetic_studies=[study.id for study in holdings.studies if study.row["is_synthetic"]],
            study=page_study,
            max_families=MAX_FAMILIES,
            max_charted_families=MAX_CHARTED_FAMILIES,
            ecosystem_pages=ECOSYSTEM_PAGES,
            figures=page_figures,
            charts=charts,
            datasets=datasets,
            script=SCRIPT_NAME,
            version=metadata.version("modelkin"),
            languages=[
                {"locale": other, "href": edition.link(other, name), "is_current": other is edition.locale}
                for other in edition.all_locales
            ],
        )
        written[f"{edition.folder}{name}"] = html.encode()
    return written


def _embedded(figures: Mapping[str, Figure]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the specifications of all panels by element id, and apart from them the data, each set once."""
    specs, datasets = {}, {}
    for name, figure in figures.items():
        for key, spec in figure.page_specs().items():
            datasets.update(spec.pop("datasets", {}))
            specs[f"{name}-{key}"] = spec
    return specs, datasets


def _markdown(holdings: Holdings, figures: Figures, env: Environment) -> str:
    text = env.get_template("report.md").render(
        site={page: _plain(results) for page, results in holdings.site.items()},
        studies=[
            {
                "id": MarkdownText(study.id),
                "slug": study.slug,
                "row": for_markdown(study.row),
                "labels": [MarkdownText(label) for label in study.labels],
                "results": {page: _plain(results) for page, results in study.results.items()},
                "figures": figures.studies[study.id],
            }
            for study in holdings.studies
        ],
        page_figures=figures.pages,
        ecosystem_pages=ECOSYSTEM_PAGES,
        max_families=MAX_FAMILIES,
        version=metadata.version("modelkin"),
    )
    return re.sub(r"\n{3,}", "\n\n", text)


def _plain(results: Mapping[str, Result]) -> dict[str, Result]:
    return {
        name: Result(result.name, result.sql, tuple(for_markdown(row) for row in result.rows), result.missing)
        for name, result in results.items()
    }


# writing


def _write(folder: Path, contents: Mapping[str, bytes]) -> None:
    """Write the files of the site, and remove those of the last render that are no longer among them."""
    last = _last_written(folder)
    for name, content in contents.items():
        _write_file(folder / name, content)
    _finish(folder, last, {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()})


def _finish(folder: Path, last: Mapping[str, str], written: Mapping[str, str]) -> None:
    """Remove what the last render wrote and this one did not, then list what this one wrote."""
    for name in sorted(set(last) - set(written)):
        (folder / name).unlink(missing_ok=True)
    _write_file(folder / MANIFEST, (json.dumps(dict(sorted(written.items())), indent=0) + "\n").encode())


def _last_written(folder: Path) -> dict[str, str]:
    """Return the files that the last render wrote into ``folder``, with a digest of each; none that lie elsewhere."""
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is a file; name a folder with --out.")
    path = folder / MANIFEST
    if not path.is_file():
        return {}
    root = folder.resolve()
    try:
        listed = dict(json.loads(path.read_text(encoding="utf-8")))
        return {name: str(digest) for name, digest in listed.items() if (root / name).resolve().is_relative_to(root)}
    except (ValueError, TypeError) as error:
        raise InputError(f"{path} is damaged; remove it, then render again.") from error


def _write_file(path: Path, content: bytes) -> None:
    """Write one file, whole or not at all; one that already holds this is left as it is."""
    try:
        if path.is_file() and path.read_bytes() == content:
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f".{path.name}.{os.getpid()}")
        temporary.write_bytes(content)
        temporary.replace(path)
    except OSError as error:
        raise UsageError(f"Cannot write {path}: {error.strerror or error}; name another folder with --out.") from error
