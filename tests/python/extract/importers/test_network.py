"""Crawled networks: edges, metadata, and the type that the source declares."""

from datetime import datetime
from pathlib import Path

import pytest

from extract.importers.network import read_network
from modelkin.errors import InputError
from tests.python.conftest import published_data
from tests.python.extract.command import Command, assert_refused, query

WHEN = datetime(2025, 6, 30)
EDGES = "source,target,edge\na/base,b/child,finetuned\na/base,c/gguf,quantized\na/base,a/base,merged\n"
METADATA = "id,type,owner,architecture\na/base,base,a,llama\nb/child,finetuned,b,unknown\nc/gguf,unknown,c,qwen2\n"


def write(folder: Path, edges: str = EDGES, metadata: str = METADATA) -> tuple[Path, Path]:
    paths = folder / "edges.csv", folder / "metadata.csv"
    for path, text in zip(paths, (edges, metadata), strict=True):
        path.write_text(text, encoding="utf-8")
    return paths


def test_edges_and_models_come_in(tmp_path: Path, warehouse_file: Path, extract: Command) -> None:
    outcome = extract("import-network", *write(tmp_path), "--observed-at", "2025-06-30")
    assert outcome.exit_code == 0
    assert "3 edges and 3 models" in outcome.stdout
    assert "from a model to itself, kept as they are: 1" in outcome.stderr
    assert query(warehouse_file, "select * exclude (run_id) from raw.hub_edges order by all") == [
        ("a/base", "a/base", "merge"),
        ("a/base", "b/child", "finetune"),
        ("a/base", "c/gguf", "quantized"),
    ]
    assert query(
        warehouse_file,
        """select model_id, author, architecture, card_data ->> 'declared_type', base_models
        from raw.hub_models order by all""",
    ) == [
        ("a/base", "a", "llama", "base", None),
        ("b/child", "b", None, "finetuned", None),
        ("c/gguf", "c", "qwen2", None, None),
    ]


def test_repeats_count_once_and_strangers_are_counted(tmp_path: Path) -> None:
    edges = EDGES + "A/base,B/Child,finetuned\na/base,b/child,merged\nghost/x,b/child,base\n"
    result = read_network(*write(tmp_path, edges, METADATA + "A/BASE,base,a,llama\n"), WHEN)
    assert len(result.edges) == 5
    assert result.edges[-1]["relation"] is None
    assert len(result.models) == 3
    assert result.notes == [
        "models of the metadata that are repeated with the same values, counted once: 1",
        "edges from a model to itself, kept as they are: 1",
        "edges that repeat another, counted once: 1",
        "models on an edge that the metadata does not list: 1",
    ]


@pytest.mark.parametrize(
    ("edges", "metadata", "problem"),
    [
        (EDGES + "a/base,d/x,quan", METADATA, "edges.csv, line 5, column edge: 'quan' is not one of"),
        (EDGES + "a/base,d/x", METADATA, "edges.csv, line 5, column edge: .*cut off"),
        (EDGES + ",d/x,merged", METADATA, "edges.csv, line 5, column source: the model id is missing"),
        (METADATA, EDGES, "edges.csv, line 1: column source is missing"),
        (EDGES, METADATA + "d/x,nice,d,llama\n", "metadata.csv, line 5, column type: 'nice' is not one of"),
        (EDGES, "", "metadata.csv is empty"),
    ],
)
def test_wrong_files_are_named(tmp_path: Path, edges: str, metadata: str, problem: str) -> None:
    with pytest.raises(InputError, match=problem):
        read_network(*write(tmp_path, edges, metadata), WHEN)


def test_one_id_in_two_spellings_is_one_model_and_the_conflict_is_kept(
    tmp_path: Path, warehouse_file: Path, extract: Command
) -> None:
    metadata = METADATA + "D/X,,D,gpt2\nd/x,base,d,llama\n"
    outcome = extract("import-network", *write(tmp_path, EDGES, metadata))
    assert outcome.exit_code == 0
    assert "models of the metadata that are repeated with other values" in outcome.stderr
    kept = "select model_id, architecture from raw.hub_models where lower(model_id) = 'd/x'"
    assert query(warehouse_file, kept) == [("d/x", "llama")]
    conflicts = "select model_id, column_name, kept_value, refused_value, line_number from raw.import_conflicts"
    assert query(warehouse_file, conflicts) == [("d/x", "architecture", "llama", "gpt2", 5)]
    [(observed,)] = query(warehouse_file, "select observed_columns from raw.extract_runs")
    assert observed == ["architecture", "author"]


def test_swapped_files_leave_no_warehouse(tmp_path: Path, warehouse_file: Path, extract: Command) -> None:
    edges, metadata = write(tmp_path)
    assert_refused(extract("import-network", metadata, edges), "metadata.csv", "column source is missing")
    assert not warehouse_file.exists()


def test_the_published_network(warehouse_file: Path, extract: Command) -> None:
    folder = published_data() / "network"
    assert (
        "2,559 edges and 3,363 models"
        in extract("import-network", folder / "edges.csv", folder / "metadata.csv").stdout
    )
    assert query(warehouse_file, "select count(*) from raw.hub_edges where source_model_id = target_model_id") == [(5,)]
    types = query(
        warehouse_file, "select card_data ->> 'declared_type', count(*) from raw.hub_models group by 1 order by 2 desc"
    )
    assert types == [("quantized", 1606), ("base", 910), ("finetuned", 799), ("merged", 38), ("adapter", 10)]
    assert query(warehouse_file, "select count(*) from raw.hub_models where architecture is null") == [(1542,)]
