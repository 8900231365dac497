"""Languages: the gettext catalogues and what has to be said in them.

English is the language of the templates. To bring a catalogue up to date after a change of text::

    pybabel extract -F reports/site/locale/babel.cfg -k N_ --no-location --omit-header -o build/site.pot reports
    pybabel update -i build/site.pot -l zh -o reports/site/locale/zh.po --omit-header --ignore-obsolete
"""

from dataclasses import dataclass
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path
from typing import Final

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

CATALOGUES: Final = Path(__file__).parent / "locale"


@dataclass(frozen=True)
class Locale:
    """A language of the report: its code, its own name, and the HTML language tag."""

    code: str
    name: str
    tag: str

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


LOCALES: Final = {
    "en": Locale("en", "English", "en"),
    "zh": Locale("zh", "中文", "zh-Hans"),
}
"""The languages, the first being that of the templates."""
