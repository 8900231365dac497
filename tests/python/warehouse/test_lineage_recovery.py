"""Lost parents are found among quantized siblings, on studies whose names and numbers no rule was made on."""

import csv
from pathlib import Path

import duckdb
import pytest

from bench import quantized_study
from seeds import quantization_formats
from tests.python.conftest import published_data
from tests.python.warehouse.conftest import Project

NO_FORMATS = (
    "q-future/Q-Align", "o/iq-test", "microsoft/phi-2", "Qwen/Qwen1.5-4B", "google/gemma-3-4b-it", "o/Q2.5-Veltha-14B",
    "allura-org/Q3-8B-Kintsugi", "bosonai/Higgs-Llama-3-70B", "microsoft/bitnet-b1.58-2B-4T", "o/Full-Metal-7B",
    "01-ai/Yi-6B-200K", "intfloat/e5-mistral-7b-instruct", "o/habit-8bitter", "fp-research/fp-1", "o/Quark-2b",
    "google/gemma-7b", "mistralai/Mistral-7B-v0.1", "HuggingFaceTB/SmolLM3-3B", "o/step-1431k-3T",
    "rhysjones/phi-2-orange", "openai-community/gpt2-xl", "facebook/opt-1.3b", "EleutherAI/pythia-1.4b-deduped",
    "o/exaone-4.0-1.2b", "o/XL-m-s", "deepseek-ai/DeepSeek-V2-Lite", "o/K-quant-theory", "o/Int-Bot", "o/model-v4",
    "o/bit-by-bit", "o/A16Z-Mind-7B",
)  # fmt: skip
"""Names, most of them real, that hold something like a format and none."""


OVERLAP_COLUMNS = (
    "base_model_name", "derived_model_name", "base_model_downloads", "derived_model_downloads", "num_pairs",
    "avg_overlap_ratio", "bottom_k_vocab_size", "pair_scores_json",
)  # fmt: skip


def build(project: Project, study: quantized_study.Study) -> None:
    matrix, relationships = quantized_study.write(study, project.folder / "study")
    project.extract("import-matrix", str(matrix), "--relationships", str(relationships), "--study", "copies")
    project.dbt(
        "build",
        "--select",
        "+mart_lineage_candidates",
        "+mart_lineage_evaluation",
        "--exclude-resource-type",
        "test",
        "--exclude-resource-type",
        "unit_test",
    )


def figures(project: Project) -> dict[tuple[str, str, str], float]:
    """Return the value of each method, metric and split of the study over all models."""
    with duckdb.connect(str(project.path), read_only=True) as connection:
        rows = connection.execute(
            "select method, metric, split, value from marts.mart_lineage_evaluation "
            "where study_id = 'copies' and pair_set = 'all' and relation_type = 'any'"
        ).fetchall()
    return {(method, metric, split): value for method, metric, split, value in rows}


def assert_parents_are_found(found: dict[tuple[str, str, str], float]) -> None:
    for metric, reach in (("top_1", 0.80), ("top_5", 0.95), ("mrr", 0.86), ("top_1_pairs", 0.80)):
        assert found["combined", metric, "all"] >= reach, metric
        assert found["combined", metric, "all"] > found["overlap_symmetric", metric, "all"], metric
    # The source project's own rule: all candidates above the upper Tukey fence of a model's overlaps.
    assert found["combined", "accept_recall", "all"] >= 0.91
    assert found["combined", "accept_precision", "all"] >= 0.30
    assert found["combined", "accept_precision_open", "all"] >= 0.30
    assert found["overlap_one_way", "accept_precision", "all"] < 0.15


def spellings(member: str) -> list[str]:
    """Return names that hold a format as people write it."""
    label = member.removeprefix("MOSTLY_").removeprefix("ALL_")
    return [
        f"Model-7B-{label}",
        f"model_7b_{label.lower()}",
        f"owner/Model-7B.{label.upper()}",
        f"owner/{label.lower().replace('_', '-')}-Model",
        f"model-7b-{label.lower().replace('_', '').replace('-', '')}-v2",
    ]


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A generated study with copies in formats that the rules were not set on, and a study of names alone."""
    project = Project(tmp_path_factory.mktemp("copies"))
    names = tmp_path_factory.mktemp("names") / "names_same.csv"
    in_names = {row.format: row.seen_in == "name" for row in quantization_formats.rows()}
    members = {quantization_formats.from_enum(*member).format: member[0] for member in quantization_formats.members()}
    written = [name for label, member in members.items() if in_names[label] for name in spellings(member)]
    with names.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(OVERLAP_COLUMNS)
        for name in {name.lower(): name for name in [*written, *NO_FORMATS]}.values():
            writer.writerow(["any/Base", name, 1, 1, 1, 0.5, 2000, "[0.5]"])
    project.extract("import-overlap", str(names), "--study", "names")
    study = quantized_study.generated(7)
    build(project, quantized_study.with_copies(study, 60, 14, quantized_study.OTHER_LIKENESS, 8))
    return project


def converted(project: Project) -> dict[str, bool]:
    with duckdb.connect(str(project.path), read_only=True) as connection:
        rows = connection.execute("select model_key, is_converted from intermediate.int_model_formats").fetchall()
    return dict(rows)


def test_parents_are_found_among_quantized_siblings(generated: Project) -> None:
    assert_parents_are_found(figures(generated))


def test_no_original_is_given_a_copy_for_a_parent(generated: Project) -> None:
    with duckdb.connect(str(generated.path), read_only=True) as connection:
        found = connection.execute(
            "select derived_model_id, candidate_base_id from marts.mart_lineage_candidates "
            "where study_id = 'copies' and combined_rank = 1 and is_leaf and not is_reconversion"
        ).fetchall()
    assert found == []


def test_every_member_of_the_libraries_enums_is_recognised(generated: Project) -> None:
    read = converted(generated)
    seed = {row.format: row for row in quantization_formats.rows()}
    members = quantization_formats.members()

    assert len(members) > 80
    missed = [
        name
        for member in members
        if seed[quantization_formats.from_enum(*member).format].seen_in == "name"
        for name in spellings(member[0])
        if not read[name.lower()]
    ]
    assert missed == []
    # What is not looked for in names says why.
    assert all(row.note for row in seed.values() if row.seen_in != "name")


def test_names_that_only_look_like_formats_are_none(generated: Project) -> None:
    read = converted(generated)

    assert [name for name in NO_FORMATS if read[name.lower()]] == []


def test_the_seed_is_what_the_installed_libraries_say() -> None:
    with quantization_formats.SEED.open(encoding="utf-8", newline="") as file:
        written = {row["format"]: (row["pattern"], row["kind"], row["seen_in"]) for row in csv.DictReader(file)}

    # A library that is older or newer than the seed may name fewer formats, never one that the seed does not know.
    for row in quantization_formats.rows():
        assert written[row.format] == (row.pattern, row.kind, row.seen_in), "run python seeds/quantization_formats.py"


def test_parents_are_found_in_the_published_matrix_with_copies(tmp_path: Path) -> None:
    folder = published_data() / "matrix"
    project = Project(tmp_path)
    study = quantized_study.read(folder / "overlap_matrix.csv", folder / "relationship.csv")
    build(project, quantized_study.with_copies(study, 90, 15, quantized_study.LIKENESS, 15))
    found = figures(project)

    assert_parents_are_found(found)
    assert found["combined", "top_1", "test"] >= 0.80
    assert found["combined", "mrr", "test"] >= 0.86
