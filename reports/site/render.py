"""Render the report: read the marts and stats once, compose an edition in each language, write what changed."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from modelkin.errors import UsageError
from reports.site.composing import DBT_DOCS, Compiled, Edition
from reports.site.locales import LOCALES
from reports.site.reading import notes, read
from reports.site.writing import formats, last_written, write_file, write_pictures, write_site

ASSETS: Final = Path(__file__).parent / "assets"


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
    last_written(out)  # what is wrong with the folder is said before the work
    holdings = read(warehouse)

    contents: dict[str, bytes] = {f"assets/{path.name}": path.read_bytes() for path in sorted(ASSETS.iterdir())}
    pictures: dict[str, str] = {}
    reports: dict[str, str] = {}
    compiled = Compiled()
    has_dbt_docs = (out.parent / DBT_DOCS).is_file()
    for place, language in enumerate(chosen):
        folder = "" if place == 0 else f"{language.code}/"
        edition = Edition(holdings, language, language.translations(), folder, chosen, has_dbt_docs)
        env = edition.environment(compiled)
        contents |= edition.pages(env)
        if place == 0:
            contents |= edition.files()
        reports[f"report.{language.code}.md"] = edition.markdown(env)
        pictures |= edition.pictures()
    write_site(out, contents)
    write_pictures(out.parent / "figures", pictures)
    for name, text in reports.items():
        write_file(out.parent / name, text.encode())
    return Rendered(
        index=out / "index.html",
        n_pages=sum(name.endswith(".html") for name in contents),
        n_figures=sum(len(formats(name)) for name in pictures),
        reports=tuple(out.parent / name for name in reports),
        notes=tuple(notes(holdings)),
    )
