"""Read the texts of licences again that this machine holds, and compare them with the seed ``license_terms``.

Run as ``python -m bench.license_texts``. Texts are taken from the system's ``/usr/share/common-licenses`` and from the
licence files of installed packages. Rules over the words of a text answer three of the seed's questions; a person made
the seed, so this is a second reading. Printed are the licences that were read, where the two differ, and those of which
no text was found. Exits with 1 where the two differ.
"""

import csv
import re
import sys
import sysconfig
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

SYSTEM: Final = Path("/usr/share/common-licenses")
SEED: Final = Path("seeds/license_terms.csv")
QUESTIONS: Final = ("is_notice_owed", "is_same_license_owed", "are_changes_allowed")
_MOST_BYTES: Final = 200_000
_HEAD: Final = 700

TITLES: Final = {
    "apache-2.0": r"apache license,? version 2\.0",
    "agpl-3.0": r"gnu affero general public license version 3",
    "lgpl-3.0": r"gnu lesser general public license version 3",
    "lgpl-2.1": r"gnu lesser general public license version 2\.1",
    "gpl-3.0": r"^gnu general public license version 3",
    "gpl-2.0": r"^gnu general public license version 2",
    "gfdl": r"gnu free documentation license version",
    "mpl-2.0": r"mozilla public license,? version 2\.0",
    "cc0-1.0": r"cc0 1\.0 universal",
    "cc-by-4.0": r"creative commons attribution 4\.0 international public license",
    "artistic-2.0": r"artistic license 2\.0",
    "ofl-1.1": r"sil open font license version 1\.1",
    "bsl-1.0": r"boost software license - version 1\.0",
    "unlicense": r"this is free and unencumbered software",
    "zlib": r"altered source versions must be plainly marked",
    "isc": r"permission to use, copy, modify,? and(/or)? distribute this software for any purpose with or without fee "
    r"is hereby granted, provided",
    "mit": r"permission is hereby granted, free of charge.*shall be included in all copies",
    "mit-0": r"permission is hereby granted, free of charge.*furnished to do so\. the software is provided",
    "bsd-3-clause": r"redistribution and use in source and binary forms.*neither the name",
    "bsd-2-clause": r"redistribution and use in source and binary forms",
}
"""How each text is known, tried in this order: long ones by their title, short ones by a sentence of their own."""
_LONG: Final = frozenset(list(TITLES)[:12])

RULES: Final = {
    "is_notice_owed": (
        r"notices?[^.;]{0,200}(be included|appear in|intact|reproduce)|"
        r"(retain|include|preserve|keep intact|reproduce)[^.;]{0,200}notice|"
        r"notice may not be removed|a copy of this license|indicate[^.;]{0,40}changes|copies of this license"
    ),
    "is_same_license_owed": (
        r"must[^.;]{0,260}under (the terms of )?(precisely )?this license|under precisely this license|"
        r"a\) under this license, provided|distributed entirely under this license"
    ),
    "are_changes_allowed": r"modif|derivative works|adapted material|alter it",
}


def name_of(text: str) -> str | None:
    """Return the licence whose text this is, as the Hub names it; None for others and for several in one file."""
    words = _words(text)
    for name, title in TITLES.items():
        if re.search(title, words[:_HEAD] if name in _LONG else words):
            return name
    return None


def read_flags(text: str) -> dict[str, bool]:
    """Answer the questions from the words of a text."""
    words = _words(text)
    return {question: bool(re.search(RULES[question], words)) for question in QUESTIONS}


def _words(text: str) -> str:
    plain = re.sub(r"[*#=_]|--+", " ", text.replace("“", '"').replace("”", '"'))
    return " ".join(plain.split()).lower()


def texts() -> Iterator[tuple[Path, str]]:
    """Yield the licence files of this machine: the system's first, then those of installed packages."""
    packages = Path(sysconfig.get_path("purelib"))
    found = [
        *sorted(SYSTEM.glob("*")),
        *sorted(packages.glob("*/**/LICEN[SC]E*")),
        *sorted(packages.glob("*/**/COPYING*")),
    ]
    for path in found:
        if path.is_file() and path.stat().st_size < _MOST_BYTES:
            yield path, path.read_text(encoding="utf-8", errors="replace")


def differences(flags: Mapping[str, bool], terms: Mapping[str, str]) -> list[str]:
    """Return the questions that a text answers otherwise than its row of the seed."""
    return [question for question in QUESTIONS if flags[question] != (terms[question] == "true")]


def main() -> None:
    """Read, compare, print."""
    with SEED.open(encoding="utf-8", newline="") as file:
        seed = {row["license"]: row for row in csv.DictReader(file)}
    read: dict[str, tuple[Path, list[str]]] = {}
    for path, text in texts():
        name = name_of(text)
        if name in seed and name not in read:
            read[name] = (path, differences(read_flags(text), seed[name]))
    for name, (path, found) in sorted(read.items()):
        print(f"{name:<14} {path.name:<24} {'agrees' if not found else 'differs: ' + ', '.join(found)}")
    print(f"No text here of {len(seed) - len(read)}: {', '.join(sorted(set(seed) - set(read)))}")
    sys.exit(any(found for _, found in read.values()))


if __name__ == "__main__":
    main()
