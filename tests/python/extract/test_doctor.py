"""What ``modelkin doctor`` says of a sound machine, and of what may be wrong with a warehouse."""

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest

from extract.doctor import FAULT, NOTE, Finding, examine, lines
from modelkin.database import connect, utc_now
from modelkin.digests import record_digest
from modelkin.publishing import former_of, sole_writer, work_folder_of
from modelkin.warehouse import load


@pytest.fixture
def filled(warehouse_file: Path) -> Path:
    with load("import"):
        pass
    return warehouse_file


def found(findings: list[Finding], *levels: str) -> Iterator[tuple[str, str]]:
    return ((finding.subject, finding.text) for finding in findings if finding.level in levels)


def about(path: Path, subject: str, level: str, *, thorough: bool = False) -> Finding:
    [finding] = [one for one in examine(path, thorough=thorough) if (one.subject, one.level) == (subject, level)]
    return finding


def test_nothing_is_wrong_with_a_new_warehouse_but_that_it_is_to_be_built(filled: Path) -> None:
    findings = examine(filled, thorough=True)
    assert not list(found(findings, FAULT))
    assert lines(findings)[-2:] == ["What to do:", "1. Run modelkin build."]


def test_a_warehouse_that_is_not_there_is_to_be_filled(tmp_path: Path) -> None:
    assert "modelkin extract" in about(tmp_path / "none.duckdb", "Warehouse", NOTE).advice


@pytest.mark.parametrize("content", [b"", b"model_id,downloads\n", b"\0" * 20_000])
def test_what_is_no_warehouse_is_a_fault_and_the_former_state_is_offered(filled: Path, content: bytes) -> None:
    shutil.copyfile(filled, former_of(filled))
    filled.write_bytes(content)
    assert "modelkin rollback" in about(filled, "Warehouse", FAULT).advice


def test_damage_on_the_disk_is_found_by_reading_every_value(filled: Path) -> None:
    with connect(filled) as connection:
        connection.execute(
            "create table raw.many as select hash(i) as h, i::varchar || 'x' as t from range(300000) r(i)"
        )
    size = filled.stat().st_size
    with filled.open("r+b") as file:
        for place in range(size // 3, size, size // 7):
            file.seek(place)
            file.write(b"damaged!" * 8)
    findings = examine(filled, thorough=True)
    assert [subject for subject, text in found(findings, FAULT)] == ["Warehouse"], lines(findings)


def test_a_run_from_the_future_is_a_fault(filled: Path) -> None:
    with connect(filled) as connection:
        connection.execute("update raw.extract_runs set started_at = ?", [utc_now() + timedelta(days=400)])
    assert "Set the clock" in about(filled, "Clock", FAULT).advice


def test_what_a_killed_build_left_is_named_and_one_under_way_is_not_taken_for_it(filled: Path) -> None:
    copy = work_folder_of(filled) / filled.name
    copy.parent.mkdir()
    shutil.copyfile(filled, copy)
    assert str(copy.parent) in about(filled, "Warehouse", NOTE).advice
    with sole_writer(filled):
        assert "writing" not in about(filled, "Warehouse", NOTE).advice


def test_of_a_token_only_its_place_is_told(filled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    monkeypatch.setenv("HF_ENDPOINT", "https://user:password@hub.example")
    text = "\n".join(lines(examine(filled)))
    assert "HF_TOKEN" in text
    assert not any(secret in text for secret in ("hf_secret", "password"))


def test_statistics_of_another_build_are_a_fault(filled: Path) -> None:
    with duckdb.connect(str(filled)) as connection:
        connection.execute("create schema if not exists marts; create schema if not exists stats")
        connection.execute("create table marts.fct_builds as select 'b' as build_id, now()::timestamp as built_at")
        connection.execute("create table stats.significance_tests as select 1 as n")
    assert "stats.significance_tests" in about(filled, "Statistics", FAULT).text


def test_marts_that_were_changed_by_hand_are_a_fault(filled: Path) -> None:
    with duckdb.connect(str(filled)) as connection:
        connection.execute(
            "create schema marts; create table marts.fct_builds as select 'b' as build_id, now()::timestamp as built_at"
        )
        connection.execute("create table marts.dim_models as select 1 as downloads")
    record_digest(filled)
    assert not list(found(examine(filled, thorough=True), FAULT))
    with duckdb.connect(str(filled)) as connection:
        connection.execute("update marts.dim_models set downloads = 2")
    assert "changed since" in about(filled, "Marts", FAULT, thorough=True).text
