"""What every part of the house keeps to: layers, descriptions, documented commands."""

import ast
import json
import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest
import typer.main
import yaml

from extract.cli import app as extract_app
from modelkin.raw_schemas import RAW_TABLES
from reports.cli import app as reports_app
from tests.python.conftest import ROOT

LAYER_READS = {
    "staging": {"staging", "source"},
    "intermediate": {"staging", "intermediate", "seeds"},
    "marts": {"intermediate", "marts", "seeds", "snapshots"},
}


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> dict:
    folder = tmp_path_factory.mktemp("manifest")
    subprocess.run(
        [
            str(Path(sys.executable).with_name("dbt")), "--quiet", "parse", "--no-partial-parse",
            "--target-path", str(folder), "--log-path", str(folder),
        ],
        cwd=ROOT,
        check=True,
    )  # fmt: skip
    return json.loads((folder / "manifest.json").read_text())


def layer_of(unique_id: str, manifest: dict) -> str:
    kind = unique_id.split(".", maxsplit=1)[0]
    if kind == "source":
        return "source"
    if kind in ("seed", "snapshot"):
        return f"{kind}s"
    return manifest["nodes"][unique_id]["fqn"][1]


def test_data_goes_one_way(manifest: dict) -> None:
    wrong = [
        f"{node['name']} reads {parent}"
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model"
        for parent in node["depends_on"]["nodes"]
        if layer_of(parent, manifest) not in LAYER_READS[node["fqn"][1]]
    ]
    assert wrong == []


def test_every_mart_column_is_described_and_typed(manifest: dict) -> None:
    missing = [
        f"{node['name']}.{column['name']}"
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and node["fqn"][1] == "marts"
        for column in node["columns"].values()
        if not column["description"].strip() or not column["data_type"]
    ]
    assert missing == []


def test_every_model_says_its_grain(manifest: dict) -> None:
    ungrained = [
        node["name"]
        for node in [*manifest["nodes"].values(), *manifest["sources"].values()]
        if node["resource_type"] in ("model", "snapshot", "source") and "One row per" not in node["description"]
    ]
    assert ungrained == []
    # What persist_docs writes into the warehouse; a test over a built one compares columns with comments.
    bare = [
        f"{node['name']}.{column['name']}"
        for node in [*manifest["nodes"].values(), *manifest["sources"].values()]
        if node["resource_type"] in ("model", "source")
        for column in node["columns"].values()
        if not column["description"].strip()
    ]
    assert bare == []
    commented = [
        path.name
        for layer in ("staging", "intermediate")
        for path in (ROOT / "models" / layer).rglob("*.sql")
        if path.read_text().startswith("{#-")
    ]
    assert commented == [], "what a model is stands in its description, where readers of the warehouse find it"


MAX_SQL_LINES = 150
LONGER = {"int_model_copies.sql", "mart_lineage_evaluation.sql"}
"""Files that are being rewritten; nothing is added here."""


def test_no_sql_file_is_longer_than_a_reader_can_hold() -> None:
    lines = {
        path.name: len(path.read_text().splitlines())
        for folder in ("models", "macros", "snapshots", "tests/dbt", "reports/site/pages")
        for path in (ROOT / folder).rglob("*.sql")
    }
    assert len(lines) > 100
    assert {name: n for name, n in lines.items() if n > MAX_SQL_LINES and name not in LONGER} == {}


def test_every_mart_has_a_tested_key(manifest: dict) -> None:
    keyed = {
        test["attached_node"]
        for test in manifest["nodes"].values()
        if test["resource_type"] == "test"
        and test.get("test_metadata", {}).get("name") in ("unique", "unique_combination")
    }
    marts = {
        unique_id: node
        for unique_id, node in manifest["nodes"].items()
        if node["resource_type"] == "model" and node["fqn"][1] == "marts"
    }
    # A view puts ids to tables: it has a key where every one of them has.
    unkeyed = {
        unique_id
        for unique_id, node in marts.items()
        if unique_id not in keyed
        and (node["config"]["materialized"] != "view" or not set(node["depends_on"]["nodes"]) <= keyed)
    }
    assert unkeyed == set()
    no_hashes = {
        f"{node['name']}.{column}" for node in marts.values() for column in node["columns"] if column.endswith("_hash")
    }
    assert no_hashes == set(), "hashes stay in intermediate models, see docs/adr/0005-models-joined-by-hash.md"


def test_the_raw_contract_is_described_column_by_column() -> None:
    sources = yaml.safe_load((ROOT / "models/staging/_raw__sources.yml").read_text())["sources"][0]
    described = {table["name"]: [column["name"] for column in table["columns"]] for table in sources["tables"]}
    assert described == {name: list(schema.names) for name, schema in RAW_TABLES.items()}


def commands_of(app: typer.Typer) -> dict[str, str]:
    """Return the help of every command of an application, keyed by the words that call it."""
    found = {}

    def visit(command: object, words: str) -> None:
        children = getattr(command, "commands", {})
        for name, child in children.items():
            visit(child, f"{words} {name}")
        if not children:
            found[words] = getattr(command, "help", None) or ""

    visit(typer.main.get_command(app), f"python -m {app.info.name}")
    return found


@pytest.mark.parametrize("app", [extract_app, reports_app], ids=["extract", "reports"])
def test_every_command_is_documented(app: typer.Typer) -> None:
    page = (ROOT / "docs/commands.md").read_text()
    commands = commands_of(app)
    assert len(commands) > 1
    assert [words for words in commands if f"## `{words}`" not in page] == []
    assert [words for words, text in commands.items() if "Example:" not in text] == []


def test_the_page_of_commands_is_what_the_commands_say_now() -> None:
    now = "".join(
        subprocess.run(
            [sys.executable, "-m", "typer", f"{name}.cli", "utils", "docs", "--name", f"python -m {name}"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for name in ("extract", "reports")
    )
    assert (ROOT / "docs/commands.md").read_text() == now, "run `make docs`"


def test_the_data_dictionary_is_what_the_marts_say_now(manifest: dict) -> None:
    dictionary = runpy.run_path(str(ROOT / "docs/data_dictionary.py"))["dictionary"]
    assert (ROOT / "docs/data-dictionary.md").read_text() == dictionary(manifest), "run `make docs`"


def test_every_make_target_is_explained() -> None:
    text = (ROOT / "Makefile").read_text()
    phony = set(re.findall(r"^\.PHONY: (\S+)$", text, re.MULTILINE))
    explained = set(re.findall(r"^([a-z-]+):.*## ", text, re.MULTILINE))
    assert phony == explained


ALLOWED = {
    "modelkin": {"modelkin"},
    "minihub": {"modelkin", "minihub"},
    "extract": {"modelkin", "extract"},
    "reports": {"modelkin", "reports"},
}
"""Which packages of the project each may import: `modelkin` lies below the others, which stand side by side."""


def imports_of(path: Path) -> set[str]:
    """Return every module of the project that a file imports, also inside functions."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{path} imports by a relative name"
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return {name for name in found if name.partition(".")[0] in ALLOWED}


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def project_imports() -> dict[str, set[str]]:
    """Return the modules of the four packages, each with those it imports."""
    files = [path for package in ALLOWED for path in (ROOT / package).rglob("*.py")]
    modules = {module_name(path): path for path in files}
    return {name: (imports_of(path) & modules.keys()) - {name} for name, path in modules.items()}


def test_packages_stand_on_the_foundation_and_never_on_each_other() -> None:
    wrong = [
        f"{module} imports {imported}"
        for module, all_imported in project_imports().items()
        for imported in all_imported
        if imported.partition(".")[0] not in ALLOWED[module.partition(".")[0]]
    ]
    assert wrong == []


def test_no_module_imports_itself_in_a_circle() -> None:
    # A package's __init__ re-exports what lies in it; that is no circle.
    edges = {
        module: {name for name in imported if not module.startswith(f"{name}.")}
        for module, imported in project_imports().items()
    }
    finished: set[str] = set()

    def visit(module: str, way: tuple[str, ...]) -> None:
        assert module not in way, " → ".join((*way, module))
        if module not in finished:
            for imported in sorted(edges[module]):
                visit(imported, (*way, module))
            finished.add(module)

    for module in sorted(edges):
        visit(module, ())
