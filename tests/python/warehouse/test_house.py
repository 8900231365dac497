"""What every part of the house keeps to: layers, descriptions, documented commands."""

import ast
import json
import re
import runpy
import shlex
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
import typer.main
import yaml

from extract.cli import whole as extract_app
from modelkin.cli import app as modelkin_app
from modelkin.cli import database_first
from modelkin.raw_schemas import RAW_TABLES
from reports.cli import app as reports_app
from reports.site.queries import PAGES, tables_of
from tests.python.conftest import ROOT
from tests.python.warehouse import forked_dbt

LAYER_READS = {
    "staging": {"staging", "source"},
    "intermediate": {"staging", "intermediate", "seeds"},
    "marts": {"intermediate", "marts", "seeds", "snapshots"},
}


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> dict:
    return json.loads(forked_dbt.write_manifest(tmp_path_factory.mktemp("manifest")).read_text())


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


def read_by(unique_id: str, nodes: dict) -> set[str]:
    """The model or macro, and all models and own macros from which it is made."""
    node = nodes.get(unique_id)
    if node is None or node["package_name"] != "modelkin" or node["resource_type"] not in ("model", "macro"):
        return set()
    above = [*node["depends_on"].get("nodes", []), *node["depends_on"]["macros"]]
    return {unique_id}.union(*(read_by(other, nodes) for other in above))


def test_no_table_that_grows_depends_on_a_variable(manifest: dict) -> None:
    """Rows of earlier builds would keep what another value of the variable made of them."""
    nodes = {**manifest["nodes"], **manifest["macros"]}
    dependent = [
        f"{node['name']} by way of {unique_id}"
        for node in manifest["nodes"].values()
        # fct_builds has one row per build, with the variables of that build.
        if node["config"].get("materialized") == "incremental" and node["name"] != "fct_builds"
        for unique_id in sorted(read_by(node["unique_id"], nodes))
        if re.search(r"\bvar\(", nodes[unique_id].get("raw_code") or nodes[unique_id]["macro_sql"])
    ]
    assert dependent == []


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


def test_no_sql_file_is_longer_than_a_reader_can_hold() -> None:
    lines = {
        path.name: len(path.read_text().splitlines())
        for folder in ("models", "macros", "snapshots", "tests/dbt", "reports/site/pages", "bench")
        for path in (ROOT / folder).rglob("*.sql")
    }
    assert len(lines) > 100
    assert {name: n for name, n in lines.items() if n > MAX_SQL_LINES} == {}


MADE_FROM = {
    "stats.significance_tests": {"fct_overlaps"},
    "stats.claim_audit": {"fct_overlaps", "dim_published_claims"},
    "stats.weight_trees": {"fct_weight_kinships"},
    "stats.merge_recipes": {"fct_weight_kinships"},
    "stats.lineage_verdicts": {"fct_weight_kinships", "fct_lineage_edges", "mart_lineage_candidates"},
    "stats.model_graph": {"fct_lineage_edges", "bridge_model_ancestors"},
}
"""The marts that each table of ``stats`` is made from."""


def test_every_page_is_an_exposure_of_the_marts_it_shows(manifest: dict) -> None:
    exposed = {
        exposure["name"]: {unique_id.rpartition(".")[2] for unique_id in exposure["depends_on"]["nodes"]}
        for exposure in manifest["exposures"].values()
    }
    shown: dict[str, set[str]] = {}
    for path in PAGES.glob("*/*.sql"):
        for table in tables_of(path.read_text(encoding="utf-8")):
            marts = MADE_FROM.get(table, {table.removeprefix("marts.")})
            shown.setdefault(f"page_{path.parent.name}", set()).update(marts)
    explored = tables_of((ROOT / "reports" / "explore" / "catalogue.py").read_text(encoding="utf-8"))
    for page in ("network", "model"):  # which read arrays, not rows
        shown[f"page_{page}"] = {table.removeprefix("marts.") for table in explored if table.startswith("marts.")}
    assert {name: marts for name, marts in exposed.items() if name.startswith("page_")} == shown
    assert {"report_markdown", "exports"} <= exposed.keys()


def test_marts_are_promised_to_others_and_nothing_else_is(manifest: dict) -> None:
    access = {
        (node["fqn"][1], node["access"], node["group"])
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model"
    }
    assert access == {
        ("staging", "protected", "modelkin"),
        ("intermediate", "protected", "modelkin"),
        ("marts", "public", "modelkin"),
    }


def test_every_variable_has_bounds_and_the_project_has_the_packages_version() -> None:
    project = yaml.safe_load((ROOT / "dbt_project.yml").read_text())
    checked = re.findall(r"^        '(\w+)': ", (ROOT / "macros/check_vars.sql").read_text(), re.MULTILINE)
    assert sorted(checked) == sorted(project["vars"])
    assert project["version"] == metadata.version("modelkin")


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
    # A view joins ids to tables: it needs a tested key unless every table that it reads has one.
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


def commands_of(app: typer.Typer, words: str) -> dict[str, Any]:
    """Return every command of an application, keyed by the words that call it."""
    found = {}

    def visit(command: Any, words: str) -> None:
        children = getattr(command, "commands", {})
        for name, child in children.items():
            visit(child, f"{words} {name}")
        if not children:
            found[words] = command

    visit(typer.main.get_command(app), words)
    return found


MODELKIN = commands_of(modelkin_app, "modelkin")
MODULES = commands_of(extract_app, "python -m extract") | commands_of(reports_app, "python -m reports")


def test_every_command_is_documented_once() -> None:
    titles = re.findall(r"^#+ `(.*)`$", (ROOT / "docs/commands.md").read_text(), re.MULTILINE)
    assert {words: titles.count(words) for words in MODELKIN} == dict.fromkeys(MODELKIN, 1)


def test_what_the_modules_offer_modelkin_offers() -> None:
    """`python -m extract` and `python -m reports` are equal ways; only `render` is called `report` there."""
    offered = {words.split()[-1] for words in MODELKIN}
    assert {words.split()[-1] for words in MODULES} - offered == {"render"}


def test_the_page_of_commands_is_what_the_commands_say_now() -> None:
    now = subprocess.run(
        [sys.executable, "-m", "typer", "modelkin.cli", "utils", "docs", "--name", "modelkin"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert (ROOT / "docs/commands.md").read_text() == now, "run `make docs`"


def test_the_data_dictionary_is_what_the_marts_say_now(manifest: dict) -> None:
    dictionary = runpy.run_path(str(ROOT / "docs/data_dictionary.py"))["dictionary"]
    assert (ROOT / "docs/data-dictionary.md").read_text() == dictionary(manifest), "run `make docs`"


@pytest.mark.parametrize("words", [*MODELKIN, *MODULES])
def test_the_example_of_a_command_can_be_typed_as_it_stands(words: str) -> None:
    """Its program is one that the environment has, its command exists, and its arguments are read without complaint."""
    command = (MODELKIN | MODULES)[words]
    example = re.search(r"Example: (.+(?:\n.+)*)", command.help or "")
    assert example, f"{words} has no example"
    typed = shlex.split(example.group(1))
    for start, app in (("modelkin", modelkin_app), ("python -m reports", reports_app)):
        first = start.split()
        if typed[: len(first)] == first:
            read(app, database_first(typed[len(first) :]))
            return
    pytest.fail(f"{words}: no command begins as {example.group(1)!r}")


def read(app: typer.Typer, arguments: list[str]) -> None:
    """Parse ``arguments`` as the command line does, running nothing; raise for what is not there."""
    command: Any = typer.main.get_command(app)
    context = command.make_context("modelkin", list(arguments), resilient_parsing=False)
    while hasattr(command, "resolve_command"):
        name, command, rest = command.resolve_command(context, [*context._protected_args, *context.args])
        context = command.make_context(name, rest, parent=context)


DOC_PAGES = [*sorted(ROOT.glob("*.md")), *sorted(ROOT.glob("docs/*.md"))]


@pytest.mark.parametrize("page", DOC_PAGES, ids=lambda page: page.name)
def test_what_a_page_names_exists(page: Path, manifest: dict) -> None:
    text = page.read_text()
    named = set(re.findall(r"\b(?:stg|int|dim|fct|bridge|mart)_[a-z_]+[a-z]\b(?!\*)", text))
    models = {node["name"] for node in manifest["nodes"].values()}
    assert named <= models, "tables that are not there"
    links = re.findall(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)", text)
    for target, anchor in links:
        linked = page.parent / target if target else page
        assert linked.exists(), f"{target} is not there"
        if anchor:
            headings = re.findall(r"^#+ (.+)$", linked.read_text(), re.MULTILINE)
            anchors = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
            assert anchor in anchors, f"{target} has no heading {anchor}"


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
    # A package's __init__ re-exports what lies in it; that is not a circle.
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


MOST_LINES = {".py": 400, ".sql": 150}
LISTS = (
    Path("minihub/catalogue.py"),
    Path("tests/python/reports/site"),
)
"""Lists of what there is, which grow with it: the models of the miniature Hub, and what each page promises."""


def test_a_file_has_one_job_and_therefore_few_lines() -> None:
    folders = (*ALLOWED, "bench", "macros", "models", "snapshots", "tests")
    files = [path for folder in folders for path in (ROOT / folder).rglob("*") if path.suffix in MOST_LINES]
    assert len(files) > len(folders)
    lengths = {path.relative_to(ROOT): len(path.read_text().splitlines()) for path in files}
    assert [
        f"{path} has {n_lines} lines"
        for path, n_lines in lengths.items()
        if n_lines > MOST_LINES[path.suffix] and not any(path.is_relative_to(place) for place in LISTS)
    ] == []
