"""Square matrices of overlaps, and the known parents of their models."""

from datetime import datetime
from pathlib import Path

import pytest

from extract.importers.matrix import MatrixImport, read_matrix
from modelkin.errors import InputError, UsageError
from tests.python.conftest import published_data
from tests.python.extract.command import Command, assert_refused, query

WHEN = datetime(2025, 6, 30)
MATRIX = ",a/base,a/child,gpt2\na/base,1,0.5,0\na/child,0.4,1,-1\ngpt2,,0.01,0.99\n"
RELATIONSHIPS = (
    "model_id,base_model,relationship_type\na/base,NONE,NONE\n"
    "a/child,a/base; gpt2;x/ghost,merge\ngpt2,a/base,  identical \n"
)


def read(folder: Path, matrix: str = MATRIX, relationships: str | None = None, study: str = "square") -> MatrixImport:
    path = folder / "matrix.csv"
    path.write_text(matrix, encoding="utf-8")
    other = None
    if relationships is not None:
        other = folder / "relationship.csv"
        other.write_text(relationships, encoding="utf-8")
    return read_matrix(path, study, other, None, WHEN)


def test_cells_become_pairs(tmp_path: Path, warehouse_file: Path, extract: Command) -> None:
    read(tmp_path, relationships=RELATIONSHIPS)
    outcome = extract(
        "import-matrix", tmp_path / "matrix.csv", "--relationships", tmp_path / "relationship.csv",
        "--study", "square", "--bottom-k", "2000",
    )  # fmt: skip
    assert outcome.exit_code == 0, outcome.stderr
    assert "3 models into study square: 6 pairs, 4 valid, 2 failed; 4 edges" in outcome.stdout
    assert "cells on the diagonal, left out: 3" in outcome.stderr
    assert "cells on the diagonal that are not 1: 1" in outcome.stderr
    assert "identical (1)" in outcome.stderr
    assert query(
        warehouse_file,
        """select base_model_id, derived_model_id, avg_overlap_ratio, status, bottom_k, declared_relation, pair_scores
        from raw.overlap_results order by 1, 2""",
    ) == [
        ("a/base", "a/child", 0.5, "ok", 2000, None, None),
        ("a/base", "gpt2", 0.0, "ok", 2000, None, None),
        ("a/child", "a/base", 0.4, "ok", 2000, None, None),
        ("a/child", "gpt2", None, "failed", 2000, None, None),
        ("gpt2", "a/base", None, "failed", 2000, None, None),
        ("gpt2", "a/child", 0.01, "ok", 2000, None, None),
    ]
    assert query(warehouse_file, "select * exclude (run_id) from raw.hub_edges order by all") == [
        ("a/base", "a/child", "merge"),
        ("a/base", "gpt2", None),
        ("gpt2", "a/child", "merge"),
        ("x/ghost", "a/child", "merge"),
    ]
    assert query(warehouse_file, "select model_id, card_data ->> 'declared_type' from raw.hub_models order by 1") == [
        ("a/base", None),
        ("a/child", "merge"),
        ("gpt2", "identical"),
    ]


def test_rows_may_come_in_another_order_than_columns(tmp_path: Path) -> None:
    lines = MATRIX.splitlines()
    result = read(tmp_path, "\n".join([lines[0], lines[3], lines[1], lines[2]]))
    assert {(row["base_model_id"], row["derived_model_id"]) for row in result.results if row["status"] == "failed"} == {
        ("gpt2", "a/base"),
        ("a/child", "gpt2"),
    }


@pytest.mark.parametrize(
    ("matrix", "problem"),
    [
        (MATRIX.replace("0.5", "high"), r"line 2, column a/child: 'high' is not a number"),
        (MATRIX.replace("0.5", "1.5"), r"line 2, column a/child: 1.5 is outside"),
        (MATRIX.replace("gpt2,,0.01,0.99\n", ""), r"line 3: 2 rows for 3 columns \(gpt2 has a column and no row\)"),
        (MATRIX[:-6], r"line 4, column gpt2: .*cut off"),
        (MATRIX + "b/more,1,1,1\n", r"line 5: 4 rows for 3 columns \(a row has no column\)"),
        (MATRIX.replace("a/child,0.4", "a/base,0.4"), r"a/base appears twice"),
        (MATRIX.replace(",a/base,a/child,gpt2", ",a/base,A/Base,gpt2"), r"line 1: a/base appears twice"),
        (MATRIX.replace("a/child,0.4", "unknown,0.4"), r"line 3, column 1 \(the base\): 'unknown' names no model"),
        (MATRIX.replace(",gpt2\n", ",the model\n"), r"line 1, column 4: 'the model' is not a model id"),
        ("x\ny\n", r"line 1: the header names no model"),
        (RELATIONSHIPS, r"matrix.csv, line 2, column 1 \(the base\)|not square|rows for"),
    ],
)
def test_what_is_no_square_of_overlaps(tmp_path: Path, matrix: str, problem: str) -> None:
    with pytest.raises(InputError, match=problem):
        read(tmp_path, matrix)


@pytest.mark.parametrize(
    ("relationships", "problem"),
    [
        (RELATIONSHIPS.replace("; gpt2;", "; the other;"), r"line 3, column base_model: 'the other' is not a model id"),
        (RELATIONSHIPS.replace("base_model,", ""), r"column base_model is missing"),
    ],
)
def test_wrong_relationships_are_named(tmp_path: Path, relationships: str, problem: str) -> None:
    with pytest.raises(InputError, match=problem):
        read(tmp_path, relationships=relationships)


def test_a_model_described_twice_has_all_the_parents_named(tmp_path: Path) -> None:
    result = read(tmp_path, relationships=RELATIONSHIPS + "A/child,a/base,quantized\n")
    once = read(tmp_path, relationships=RELATIONSHIPS)
    assert len(result.models) == len(once.models)
    parents = {edge["source_model_id"] for edge in result.edges if edge["target_model_id"].lower() == "a/child"}
    assert parents >= {edge["source_model_id"] for edge in once.edges if edge["target_model_id"] == "a/child"}
    assert "a/base" in parents


def test_relationships_that_leave_models_out_are_noted(tmp_path: Path) -> None:
    result = read(tmp_path, relationships="model_id,base_model,relationship_type\na/child,,finetune\n")
    assert "models of a kind that has a parent, without one: 1" in result.notes
    assert "models of the matrix that the relationships do not list: 2" in result.notes
    assert result.edges == []


def test_usage(tmp_path: Path, warehouse_file: Path, extract: Command) -> None:
    with pytest.raises(UsageError, match="needs a name"):
        read(tmp_path, study=" ")
    assert_refused(
        extract("import-matrix", tmp_path / "matrix.csv", "--study", "x", "--bottom-k", "0"), "--bottom-k", exit_code=2
    )
    assert not warehouse_file.exists()


def test_the_published_matrix(warehouse_file: Path) -> None:
    folder = published_data() / "matrix"
    result = read_matrix(folder / "overlap_matrix.csv", "matrix", folder / "relationship.csv", 2000, WHEN)
    assert (result.n_models, len(result.results), result.n_failed) == (185, 185 * 184, 0)
    assert len(result.models) == 185
    assert "cells on the diagonal, left out: 185" in result.notes
    assert len({edge["target_model_id"] for edge in result.edges}) == 96
