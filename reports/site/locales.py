"""Languages: the gettext catalogues and what has to be said in them.

English is the language of the templates; `make translations` brings the other catalogues up to date. A count with its
noun goes through ``ngettext`` (``templates/counted.jinja``), so that it agrees in number in every language.
"""

from dataclasses import dataclass
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path
from typing import Final

from babel import Locale as BabelLocale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

CATALOGUES: Final = Path(__file__).parent / "locale"


@dataclass(frozen=True)
class Locale:
    """A language of the report: its code, its own name, the HTML language tag, and what parts two sentences."""

    code: str
    name: str
    tag: str
    gap: str = " "

    def translations(self) -> NullTranslations:
        """Return the catalogue, compiled in memory; English is its own."""
        if self.code == "en":
            return NullTranslations()
        with (CATALOGUES / f"{self.code}.po").open("rb") as file:
            catalogue = read_po(file, locale=self.code)
        compiled = BytesIO()
        write_mo(compiled, catalogue)
        compiled.seek(0)
        return GNUTranslations(compiled)

    def country(self, code: str | None) -> str | None:
        """Return the name of a country (ISO 3166, two letters) in this language; the code where there is none."""
        return self._named("territories", code, code)

    def language(self, code: str | None, name: str | None = None) -> str | None:
        """Return the name of a language (ISO 639) in this language; ``name``, else the code, where there is none."""
        return self._named("languages", code, name or code)

    def _named(self, kind: str, code: str | None, otherwise: str | None) -> str | None:
        if code is None:
            return otherwise
        names: dict[str, str] = getattr(BabelLocale.parse(self.code), kind)
        return names.get(code, otherwise)


LOCALES: Final = {
    "en": Locale("en", "English", "en"),
    "zh": Locale("zh", "中文", "zh-Hans", gap=""),
}
"""The languages, the first being that of the templates."""
