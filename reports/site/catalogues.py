"""Bring the catalogues of translations up to date with the texts of the report: `make translations` runs this.

Messages are found in the code and the templates as ``locale/babel.cfg`` says. A message that is new has no translation
yet and is printed; one that is gone is dropped.
"""

from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir, extract_from_file
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po, write_po

from modelkin.answer import verdicts
from reports.site.locales import CATALOGUES, LOCALES

REPORTS: Final = Path(__file__).parents[1]

KEYWORDS: Final = {"_": None, "gettext": None, "translate": None, "N_": None, "ngettext": (1, 2)}
"""The functions whose texts are translated; a count with its noun gives two, one for each number."""

WIDTH: Final = 110


def messages() -> list[str | tuple[str, ...]]:
    """Return every message of the report, each once, in the order of the files; those of `modelkin check` are last."""
    with (CATALOGUES / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)  # type: ignore[no-untyped-call]
    found = [message for _file, _line, message, *_ in extract_from_dir(str(REPORTS), methods, options, KEYWORDS)]
    found += [message for _line, message, *_ in extract_from_file("python", verdicts.__file__, KEYWORDS)]
    return list(dict.fromkeys(found))


def update(path: Path) -> list[str]:
    """Bring the catalogue at ``path`` up to date; return the messages that have no translation."""
    with path.open(encoding="utf-8") as file:
        head = [line for line in file if line.startswith("# ")][:1]
    with path.open("rb") as binary:
        known = read_po(binary)
    translated = {message.id: message.string for message in known if message.id}
    catalogue = Catalog(locale=known.locale)
    for message in messages():
        plural = translated.get(message, ("",) if isinstance(message, tuple) else "")
        catalogue.add(message, plural)
    with path.open("wb") as binary:
        binary.write("".join(head).encode())
        binary.write(
            b'msgid ""\nmsgstr ""\n'
            + f'"Language: {known.locale}\\n"\n'.encode()
            + b'"MIME-Version: 1.0\\n"\n"Content-Type: text/plain; charset=utf-8\\n"\n'
            + b'"Content-Transfer-Encoding: 8bit\\n"\n'
            + f'"Plural-Forms: {known.plural_forms}\\n"\n\n'.encode()
        )
        write_po(binary, catalogue, width=WIDTH, omit_header=True, no_location=True)
    return [str(message.id) for message in catalogue if message.id and not all(message.string or ("",))]


def main() -> None:
    """Update every catalogue and print what is not translated."""
    for code in LOCALES:
        if code != "en":
            missing = update(CATALOGUES / f"{code}.po")
            print(f"{code}.po: {len(missing)} of {len(messages())} messages are not translated.")  # noqa: T201
            for message in missing:
                print(f"  {message}")  # noqa: T201


if __name__ == "__main__":
    main()
