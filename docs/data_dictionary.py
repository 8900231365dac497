"""Print docs/data-dictionary.md: every mart and stats table, from the descriptions that they carry themselves.

`make docs` runs it on the manifest that `dbt parse` wrote; a test holds the page current.
"""

import json
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from modelkin.digests import DIGESTS
from modelkin.stats_tables import StatsTable
from reports.claims.audit import CLAIM_AUDIT
from reports.kinship.tables import TABLES as KINSHIP_TABLES
from reports.network.measures import MODEL_GRAPH
from reports.significance.tables import SIGNIFICANCE_TESTS
from reports.survival.runner import SURVIVAL

STATS: Final = (SIGNIFICANCE_TESTS, CLAIM_AUDIT, MODEL_GRAPH, *KINSHIP_TABLES, SURVIVAL, DIGESTS)

INTRODUCTION: Final = """\
# Data dictionary

Every table that a reader queries, with its grain (what one row stands for), its key and its columns. `make docs` writes
this page from the descriptions in `models/marts/**/*.yml` and in `reports/`; edit those, not this page. The warehouse
carries the same texts as comments:

```sql
select column_name, comment from duckdb_columns() where table_name = 'fct_overlaps';
```

How the tables hang together is drawn in [architecture.md](architecture.md#the-main-tables). The words (overlap,
family, relation, tier, study) are defined in [method.md](method.md).
"""


def _cell(text: str) -> str:
    """Return a text as one line of a Markdown table."""
    return re.sub(r"\s+", " ", text).strip().replace("|", "\\|")


def _first_sentence(text: str) -> str:
    return re.split(r"(?<=[.?])\s", _cell(text), maxsplit=1)[0]


class Marts:
    """The marts of a dbt manifest, with what their tests say of keys, references and values."""

    def __init__(self, manifest: Mapping[str, Any]) -> None:
        nodes = manifest["nodes"].values()
        self.by_folder: dict[str, list[dict[str, Any]]] = {}
        for node in sorted(nodes, key=lambda node: (node["fqn"], node["name"])):
            if node["resource_type"] == "model" and node["fqn"][1] == "marts":
                self.by_folder.setdefault(node["fqn"][2], []).append(node)
        self.tests: dict[str, list[dict[str, Any]]] = {}
        for node in nodes:
            if node["resource_type"] == "test" and node.get("test_metadata"):
                self.tests.setdefault(node["attached_node"], []).append(node)

    def key(self, mart: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the columns that tests hold unique; none for a view, whose key is tested on its tables."""
        for test in self.tests.get(mart["unique_id"], []):
            kind, arguments = test["test_metadata"]["name"], test["test_metadata"]["kwargs"]
            if kind == "unique_combination":
                return tuple(arguments["columns"])
            if kind == "unique":
                return (arguments["column_name"],)
        return ()

    def notes(self, mart: Mapping[str, Any]) -> dict[str, str]:
        """Return for each column the table it refers to, or the values that it may have and does not name itself."""
        found = {}
        for test in self.tests.get(mart["unique_id"], []):
            kind, arguments = test["test_metadata"]["name"], test["test_metadata"]["kwargs"]
            if kind == "relationships":
                target = arguments["to"].removeprefix("ref('").removesuffix("')")
                found[arguments["column_name"]] = f"Refers to [{target}](#{target}).{arguments['field']}."
            elif kind == "accepted_values" and not _names_all(mart, arguments):
                found[arguments["column_name"]] = f"Values: {', '.join(arguments['values'])}."
        return found


def _names_all(mart: Mapping[str, Any], arguments: Mapping[str, Any]) -> bool:
    description = mart["columns"][arguments["column_name"]]["description"]
    return all(value in description for value in arguments["values"])


def _index(title: str, rows: Mapping[str, str]) -> Iterator[str]:
    yield f"\n| {title} | |\n| --- | --- |"
    for name, description in rows.items():
        yield f"| [{name}](#{name}) | {_first_sentence(description)} |"


def _table(name: str, description: str, key: tuple[str, ...], rows: list[tuple[str, str, str]]) -> Iterator[str]:
    yield f"\n### {name}\n\n{_cell(description)}"
    if key:
        yield f"\nKey: {', '.join(f'`{column}`' for column in key)}."
    yield "\n| column | type | meaning |\n| --- | --- | --- |"
    for column, kind, meaning in rows:
        yield f"| `{column}` | {kind} | {_cell(meaning)} |"


def _stats_rows(table: StatsTable) -> list[tuple[str, str, str]]:
    return [(field.name, str(field.type), table.columns[field.name]) for field in table.schema]


def dictionary(manifest: Mapping[str, Any]) -> str:
    """Return the page for the marts of a manifest, and for the tables of the schema `stats`."""
    marts = Marts(manifest)
    lines = [INTRODUCTION.rstrip()]
    for folder, nodes in marts.by_folder.items():
        lines += _index(f"`marts`: {folder}", {node["name"]: node["description"] for node in nodes})
    lines += _index("`stats`, written after the build", {table.name: table.description for table in STATS})
    for folder, nodes in marts.by_folder.items():
        lines.append(f"\n## {folder.capitalize()}")
        for node in nodes:
            notes = marts.notes(node)
            rows = [
                (name, column["data_type"], f"{column['description'].strip()} {notes.get(name, '')}")
                for name, column in node["columns"].items()
            ]
            lines += _table(node["name"], node["description"], marts.key(node), rows)
    lines.append("\n## Stats")
    for table in STATS:
        lines += _table(table.name, table.description, (), _stats_rows(table))
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(dictionary(json.loads(Path(sys.argv[1]).read_text())))
