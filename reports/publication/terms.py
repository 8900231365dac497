"""What may be passed on: the terms of each source, from a list that a person edits.

The list is ``source_terms.csv`` beside this module. The first rule that fits a run is its rule. An empty
``may_be_published`` says that nobody looked: such data are published, and the card says that their terms are not known.
``no`` refuses the whole publication, because a mart mixes its sources.
"""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from modelkin.errors import UsageError

TERMS_FILE: Final = Path(__file__).with_name("source_terms.csv")
_ANY: Final = "*"
_ANSWERS: Final = {"yes": True, "no": False, "": None}


@dataclass(frozen=True)
class Terms:
    """A rule: for which runs it holds, who owns what they brought, under which licence, and whether it may go out."""

    source: str
    match: str
    name: str
    license: str
    may_be_published: bool | None
    note: str
    terms_url: str

    def fits(self, source: str, origin: str) -> bool:
        """Return whether the rule holds for a run of this kind whose address and files are ``origin``."""
        return self.source in {_ANY, source} and (self.match == _ANY or self.match.lower() in origin.lower())


def read_terms(path: Path = TERMS_FILE) -> tuple[Terms, ...]:
    """Return the rules of a list, in their order. Raises UsageError for one that cannot be read."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = sorted(csv.DictReader(file), key=lambda row: int(row["rule_order"]))
        return tuple(
            Terms(
                row["source"],
                row["match"],
                row["name"],
                row["license"],
                _ANSWERS[row["may_be_published"].strip().lower()],
                row["note"],
                row["terms_url"],
            )
            for row in rows
        )
    except (KeyError, TypeError, ValueError, csv.Error) as error:
        raise UsageError(
            f"The list of terms {path} cannot be read ({error}); each row needs the columns of {TERMS_FILE.name}, and "
            "may_be_published is yes, no or empty."
        ) from error


def terms_of(source: str, origin: str, rules: Sequence[Terms]) -> Terms:
    """Return the rule of a run; where none fits, nothing is known of it."""
    unknown = Terms(_ANY, _ANY, "Not known", "", None, "No rule names this source; its owner decides.", "")
    return next((rule for rule in rules if rule.fits(source, origin)), unknown)


def refuse_forbidden(found: Iterable[Terms]) -> None:
    """Raise UsageError where a source may not be published, naming each."""
    forbidden = sorted({f"{rule.name} ({rule.license or 'no licence'}: {rule.note})" for rule in found
                        if rule.may_be_published is False})  # fmt: skip
    if forbidden:
        raise UsageError(
            f"This warehouse holds what may not be published: {'; '.join(forbidden)}. Nothing was written; take it out "
            "with `modelkin extract forget RUN` and build again."
        )
