"""What every part of the house keeps to: layers, descriptions, documented commands."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import typer.main
import yaml

from extract.cli import app as extract_app
from extract.schemas import RAW_TABLES
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
    undescribed = [
        node["name"]
        for node in manifest["nodes"].values()
        if node["resource_type"] in ("model", "seed")
        and node["fqn"][1] in ("marts",)
        and "One row per" not in node["description"]
    ]
    assert undescribed == []


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


def test_every_make_target_is_explained() -> None:
    text = (ROOT / "Makefile").read_text()
    phony = set(re.findall(r"^\.PHONY: (\S+)$", text, re.MULTILINE))
    explained = set(re.findall(r"^([a-z-]+):.*## ", text, re.MULTILINE))
    assert phony == explained
