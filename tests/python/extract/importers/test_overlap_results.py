"""Published overlap files: what comes in, and what is refused with the warehouse as it was."""

import gzip
from pathlib import Path

import pytest

from extract.importers.overlap_results import declared_relation, read_overlap_files
from tests.python.conftest import published_data
from tests.python.extract.command import Command, assert_refused, query

HEADER = (
    "base_model_name,derived_model_name,base_model_downloads,derived_model_downloads,"
    "num_pairs,avg_overlap_ratio,bottom_k_vocab_size,pair_scores_json"
)
GOOD = 'org/base,org/child,1391661,2067.0,2,0.5,2000,"[0.4, 0.6]"'
FAILED = "org/base,org/broken,1391661.0,,0,-1.0,2000,[]"


def write(folder: Path, *rows: str, name: str = "pairs_same.csv", header: str = HEADER) -> Path:
    path = folder / name
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


def test_pairs_come_in_with_their_types(tmp_path: Path, warehouse_file: Path, extract: Command) -> None:
    outcome = extract("import-overlap", write(tmp_path, GOOD, FAILED), "--study", "tiny")

    assert outcome.exit_code == 0
    assert "1 file" in outcome.stdout and "2 rows, 1 valid, 1 failed" in outcome.stdout
    rows = query(warehouse_file, "select * exclude (run_id) from raw.overlap_results order by derived_model_id desc")
    assert rows == [
        ("tiny", "org/base", "org/child", 1391661, 2067, "same", 2000, [0.4, 0.6], 0.5, "ok"),
        ("tiny", "org/base", "org/broken", 1391661, None, "same", 2000, None, None, "failed"),
    ]
    [(source, status, count, params)] = query(
        warehouse_file, "select source, status, row_count, params from raw.extract_runs"
    )
    assert (source, status, count) == ("import", "complete", 2)
    assert '"study": "tiny"' in params and "pairs_same.csv" in params and str(tmp_path) not in params


def test_several_files_are_one_run_and_declare_their_own_relation(
    tmp_path: Path, warehouse_file: Path, extract: Command
) -> None:
    same = write(tmp_path, GOOD)
    different = write(tmp_path, FAILED.replace("broken", "other"), name="Pairs_DIFF_x.csv")
    neither = write(tmp_path, FAILED.replace("broken", "third"), name="pairs.csv")

    outcome = extract("import-overlap", same, different, neither, "--study", "tiny")

    assert "3 files" in outcome.stdout
    assert "pairs.csv: declares no relation" in outcome.stderr
    assert query(warehouse_file, "select declared_relation from raw.overlap_results order by derived_model_id") == [
        ("same",),
        ("different",),
        (None,),
    ]
    assert query(warehouse_file, "select count(*), count(distinct run_id) from raw.overlap_results") == [(3, 1)]


@pytest.mark.parametrize(
    ("name", "relation"),
    [
        ("lineage_overlap_qwen_same_with_downloads.csv", "same"),
        ("text_diff.csv", "different"),
        ("x_different.csv", "different"),
        ("a_same_b_diff.csv", None),
        ("sample_samples.csv", None),
        ("samediff.csv", None),
    ],
)
def test_relation_of_a_file_name(name: str, relation: str | None) -> None:
    assert declared_relation(Path("folder_same") / name) == relation


def test_the_option_wins_over_the_name(tmp_path: Path) -> None:
    result = read_overlap_files([write(tmp_path, GOOD)], "tiny", "different")
    assert [row["declared_relation"] for row in result.rows] == ["different"]


def test_columns_in_another_order_and_others_beside_them(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        '"[0.25]",note,2000,0.25,1,org/child,org/base',
        header="pair_scores_json,remark,bottom_k_vocab_size,avg_overlap_ratio,num_pairs,derived_model_name,base_model_name",
    )
    result = read_overlap_files([path], "tiny")
    assert result.rows[0]["base_model_id"] == "org/base"
    assert result.rows[0]["pair_scores"] == [0.25]
    assert result.rows[0]["base_downloads"] is None
    assert any("remark" in note for note in result.notes)


def test_a_byte_order_mark_and_windows_line_ends_are_read(tmp_path: Path) -> None:
    path = tmp_path / "x_same.csv"
    path.write_bytes("\ufeff".encode() + f"{HEADER}\r\n{GOOD}\r\n".encode())
    assert len(read_overlap_files([path], "tiny").rows) == 1


def test_a_repeated_row_counts_once_and_is_noted(tmp_path: Path) -> None:
    result = read_overlap_files([write(tmp_path, GOOD, FAILED, GOOD)], "tiny")
    assert len(result.rows) == 2
    assert any(note == "pairs that are repeated with the same values, counted once: 1" for note in result.notes)


def test_of_two_results_for_one_pair_the_measured_and_fuller_is_kept(tmp_path: Path) -> None:
    other = GOOD.replace(",0.5,", ",0.7,").replace("org/child", "ORG/child")
    failed = FAILED.replace("org/broken", "org/child")
    for rows in ([GOOD, other], [failed, GOOD], [GOOD, failed]):
        result = read_overlap_files([write(tmp_path, *rows)], "tiny")
        assert [(row["status"], row["avg_overlap_ratio"]) for row in result.rows] == [("ok", 0.5)]
        assert result.conflicts
        assert all(conflict["other_model_id"] == "org/base" for conflict in result.conflicts)


@pytest.mark.parametrize(
    ("row", "oddity"),
    [
        (GOOD.replace(",2,0.5", ",3,0.5"), "another number of scores"),
        (GOOD.replace(",0.5,", ",0.55,"), "mean does not follow"),
        (GOOD.replace(",0.5,", ",-1.0,"), "half failed"),
        (GOOD.replace(",2,0.5", ",0,0.5"), "half failed"),
        (GOOD.replace("org/child", "org/base"), "with itself"),
        (GOOD.replace('"[0.4, 0.6]"', "[]"), "mean and no scores"),
    ],
)
def test_what_is_odd_is_kept_and_counted(tmp_path: Path, row: str, oddity: str) -> None:
    result = read_overlap_files([write(tmp_path, row)], "tiny")
    assert len(result.rows) == 1
    assert any(oddity in note for note in result.notes)
    failed = result.rows[0]["status"] == "failed"
    assert failed == (oddity == "half failed")
    assert (result.rows[0]["avg_overlap_ratio"] is None) == failed


@pytest.mark.parametrize("content", [b"", b"\n \n", b"\xef\xbb\xbf", b"\xef\xbb\xbf\n\n"])
def test_a_file_without_a_record_is_empty(
    content: bytes, tmp_path: Path, warehouse_file: Path, extract: Command
) -> None:
    path = tmp_path / "nothing_same.csv"
    path.write_bytes(content)
    assert_refused(extract("import-overlap", path, "--study", "tiny"), str(path), "nothing was imported")
    assert not warehouse_file.exists()


def test_a_mean_rounded_to_three_places_is_no_oddity(tmp_path: Path) -> None:
    row = 'org/base,org/child,1,1,3,0.333,2000,"[0.3333, 0.3333, 0.3333]"'
    assert read_overlap_files([write(tmp_path, row)], "tiny").notes == []


@pytest.mark.parametrize(
    ("row", "wrong"),
    [
        (GOOD.replace("1391661", "many"), ("base_model_downloads", "'many' is not a number")),
        (GOOD.replace("2067.0", "2067.5"), ("derived_model_downloads", "whole number")),
        (GOOD.replace("2067.0", "-3"), ("derived_model_downloads", "whole number")),
        (GOOD.replace("2067.0", "1e30"), ("derived_model_downloads", "too large")),
        (GOOD.replace("2067.0", "1000000000001"), ("derived_model_downloads", "too large")),
        (GOOD.replace("2067.0", "nan"), ("derived_model_downloads", "not a number")),
        (GOOD.replace(",2,0.5", ",two,0.5"), ("num_pairs", "'two' is not a number")),
        (GOOD.replace(",2,0.5", ",,0.5"), ("num_pairs", "missing")),
        (GOOD.replace(",0.5,", ",high,"), ("avg_overlap_ratio", "'high' is not a number")),
        (GOOD.replace(",0.5,", ",,"), ("avg_overlap_ratio", "missing")),
        (GOOD.replace(",0.5,", ",1.5,"), ("avg_overlap_ratio", "outside 0..1")),
        (GOOD.replace(",0.5,", ",-0.5,"), ("avg_overlap_ratio", "outside 0..1")),
        (GOOD.replace(",0.5,", ",inf,"), ("avg_overlap_ratio", "not a number")),
        (GOOD.replace(",2000,", ",0,"), ("bottom_k_vocab_size", "at least 1")),
        (GOOD.replace('"[0.4, 0.6]"', "oops"), ("pair_scores_json", "JSON list")),
        (GOOD.replace("[0.4, 0.6]", "{}"), ("pair_scores_json", "JSON list")),
        (GOOD.replace("[0.4, 0.6]", "[0.4, null]"), ("pair_scores_json", "not a number")),
        (GOOD.replace("[0.4, 0.6]", "[0.4, 1.6]"), ("pair_scores_json", "outside 0..1")),
        (GOOD.replace("[0.4, 0.6]", "[0.4, NaN]"), ("pair_scores_json", "outside 0..1")),
        (GOOD.replace("org/child", ""), ("derived_model_name", "missing")),
        (GOOD.replace("org/child", "unknown"), ("derived_model_name", "names no model")),
        (GOOD.replace("org/base", "a model of ours"), ("base_model_name", "not a model id")),
        (GOOD.replace(',"[0.4, 0.6]"', ""), ("pair_scores_json", "cut off")),
        (GOOD + ",more", ("pair_scores_json", "9 fields")),
    ],
)
def test_a_field_that_cannot_be_meant_is_named(
    row: str, wrong: tuple[str, str], tmp_path: Path, warehouse_file: Path, extract: Command
) -> None:
    path = write(tmp_path, FAILED, row)
    outcome = extract("import-overlap", path, "--study", "tiny")
    assert_refused(outcome, str(path), "line 3", f"column {wrong[0]}", wrong[1])
    assert not warehouse_file.exists()


@pytest.mark.parametrize(
    ("content", "parts"),
    [
        (b"", ["is empty"]),
        (b"  \n \n", ["is empty"]),
        (HEADER.encode() + b"\n", ["no row"]),
        (f"{HEADER}\n{GOOD[:-4]}".encode(), ["line 2", "cut off"]),
        (f"{HEADER}\n{GOOD}\n".encode("utf-16"), ["is UTF-16 text", "save the file as UTF-8"]),
        (gzip.compress(HEADER.encode()), ["is a gzip file, not a CSV file; unpack it first"]),
        (b"PK\x03\x04..pairs_same.csv", ["is a ZIP archive", "unpack it first"]),
        (b"PK\x03\x04..[Content_Types].xml", ["is an Excel workbook", "give the table as a CSV file"]),
        (b"\n <!DOCTYPE html><title>Sign in</title>", ["is an HTML page"]),
        (f"{HEADER}\n{GOOD}".replace(",", ";").encode(), ["line 1", "separated by semicolons", "with commas"]),
        (f"{HEADER}\n{GOOD}".replace(",", "\t").encode(), ["separated by tabs"]),
        (f"{HEADER}\n{GOOD}".replace(",", "|").encode(), ["separated by vertical bars"]),
        (f"{HEADER}\n{GOOD}\nörg/x,".encode("latin-1"), ["line 3", "not UTF-8"]),
        (b"PAR1\x15\x04\x15\x00PAR1", ["is a Parquet file"]),
        (b"base_model_name\x00", ["NUL byte"]),
        (HEADER.replace("num_pairs,", "").encode() + b"\nx", ["line 1", "column num_pairs is missing"]),
        (HEADER.replace("num_pairs", "base_model_name").encode() + b"\nx", ["line 1", "num_pairs"]),
        (f"{HEADER},num_pairs\n{GOOD},2".encode(), ["num_pairs appears twice"]),
    ],
)
def test_a_file_that_is_wrong_as_a_whole(
    content: bytes, parts: list[str], tmp_path: Path, warehouse_file: Path, extract: Command
) -> None:
    path = tmp_path / "wrong_same.csv"
    path.write_bytes(content)
    assert_refused(extract("import-overlap", path, "--study", "tiny"), str(path), *parts)
    assert not warehouse_file.exists()


def test_one_wrong_file_of_two_leaves_the_warehouse_as_it_was(
    tmp_path: Path, warehouse_file: Path, extract: Command
) -> None:
    good = write(tmp_path, GOOD)
    assert extract("import-overlap", good, "--study", "tiny").exit_code == 0
    before = warehouse_file.read_bytes()
    wrong = write(tmp_path, GOOD.replace(",0.5,", ",text,"), name="wrong_diff.csv")

    assert_refused(extract("import-overlap", good, wrong, "--study", "tiny"), "wrong_diff.csv", "avg_overlap_ratio")
    assert_refused(extract("import-overlap", tmp_path / "absent.csv", "--study", "tiny"), "no file", "absent.csv")
    assert_refused(extract("import-overlap", tmp_path, "--study", "tiny"), "cannot be read")
    assert warehouse_file.read_bytes() == before


def test_usage_errors_end_with_2(tmp_path: Path, warehouse_file: Path, extract: Command) -> None:
    path = write(tmp_path, GOOD)
    assert extract("import-overlap", path).exit_code == 2
    assert extract("import-overlap", "--study", "x").exit_code == 2
    assert_refused(extract("import-overlap", path, "--study", " "), "needs a name", exit_code=2)
    assert_refused(
        extract("import-overlap", path, "--study", "x", "--relation", "cousin"), "'cousin' is not known", exit_code=2
    )
    assert not warehouse_file.exists()


def test_the_four_published_files(warehouse_file: Path, extract: Command) -> None:
    files = sorted((published_data() / "overlap").glob("*_with_downloads.csv"))
    for _ in range(2):
        outcome = extract("import-overlap", *files, "--study", "original")
        assert outcome.exit_code == 0, outcome.stderr
        assert "4 files" in outcome.stdout
        assert "520 rows, 420 valid, 100 failed" in outcome.stdout
        assert outcome.stderr == ""

    runs = query(warehouse_file, "select status, row_count from raw.extract_runs")
    assert runs == [("complete", 520)] * 2
    assert query(
        warehouse_file,
        "select count(*) from (select distinct * exclude (run_id) from raw.overlap_results)",
    ) == [(520,)]
    failed = query(
        warehouse_file,
        """select base_model_id, count(*) // 2 from raw.overlap_results where status = 'failed'
        and avg_overlap_ratio is null and pair_scores is null group by all order by all""",
    )
    assert failed == [("Qwen/Qwen2.5-0.5B", 49), ("TinyLlama/TinyLlama-1.1B-Chat-v1.0", 51)]


def test_the_published_file_without_downloads() -> None:
    result = read_overlap_files([published_data() / "overlap" / "lineage_bottomk_text_same_llama.csv"], "popular")
    assert (len(result.rows), result.n_failed) == (41, 13)
    assert {row["derived_downloads"] for row in result.rows} == {None}
    assert result.notes == []
