"""Cases that tests in Python and tests of the models share."""

import csv
from pathlib import Path

PARENT_STATEMENTS = Path(__file__).resolve().parents[1] / "parent_statements.csv"


def parent_statements() -> dict[str, set[tuple[str, str | None, bool]]]:
    """Return what each tag states: ids, relations, and whether a model can have that id."""
    found: dict[str, set[tuple[str, str | None, bool]]] = {}
    with PARENT_STATEMENTS.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            statement = (row["parent_id"], row["relation"] or None, row["is_well_formed"] == "true")
            found.setdefault(row["tag"], set()).add(statement)
    return found
