"""Render the report: read the marts and stats once, compose an edition in each language, write what changed."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from modelkin.errors import UsageError
from reports.site.composing import Compiled, Edition
from reports.site.folders import docs_page
from reports.site.locales import LOCALES
from reports.site.reading import notes, read
from reports.site.tables import Tables
from reports.site.writing import FIGURES, last_written, write_pictures, write_site

ASSETS: Final = Path(__file__).parent / "assets"

SITE: Final = Path("build/site")
"""Where the report of the default warehouse lies."""


DBT_DOCS: Final = "static_index.html"
"""The documentation that `make docs` writes beside the site, which is linked where it is there."""


@dataclass(frozen=True)
class Rendered:
    """What a render wrote: its first page, and how many files of each kind."""

    index: Path
    n_pages: int
    n_figures: int
    reports: tuple[Path, ...]
    figures: Path
    notes: tuple[str, ...] = field(default=())


def render(warehouse: Path, out: Path, locale: str) -> Rendered:
    """Write the pages into ``out``, with the Markdown reports and the figures, and nothing outside it.

    ``locale`` is a language's code, or ``all``. The first language is at the root of the site, another one in a
    folder of its own. Raises UsageError for an unknown language or a folder that is a file, WarehouseError when the
    marts are not there.
    """
    if locale != "all" and locale not in LOCALES:
        raise UsageError(f"There is no report in {locale}; use --locale {'|'.join([*LOCALES, 'all'])}.")
    chosen = tuple(LOCALES.values()) if locale == "all" else (LOCALES[locale],)
    last_written(out)  # what is wrong with the folder is said before the work
    holdings = read(warehouse)

    contents: dict[str, bytes] = {f"assets/{path.name}": path.read_bytes() for path in sorted(ASSETS.iterdir())}
    pictures: dict[str, str] = {}
    reports: list[str] = []
    compiled = Compiled()
    tables = Tables(holdings)
    docs = docs_page(warehouse)
    dbt_docs = f"{docs.parent.name}/{docs.name}" if (out.parent / docs.parent.name / docs.name).is_file() else ""
    for place, language in enumerate(chosen):
        folder = "" if place == 0 else f"{language.code}/"
        edition = Edition(holdings, language, language.translations(), folder, chosen, tables, dbt_docs)
        env = edition.environment(compiled)
        contents |= edition.pages(env)
        if place == 0:
            contents |= edition.files()
        reports.append(f"report.{language.code}.md")
        contents[reports[-1]] = edition.markdown(env).encode()
        pictures |= edition.pictures()
    write_site(out, contents | tables.files)
    write_pictures(out / FIGURES, pictures)
    return Rendered(
        index=out / "index.html",
        n_pages=sum(name.endswith(".html") for name in contents),
        n_figures=len(pictures),
        reports=tuple(out / name for name in reports),
        figures=out / FIGURES,
        notes=tuple(notes(holdings)),
    )
