"""What a chart can be saved as: its data as CSV, and its picture."""

import csv
from datetime import date
from pathlib import Path

import pytest

from reports.site import reading
from reports.site.queries import Result
from reports.site.tables import Tables, as_csv
from tests.python.reports.site.test_render import Page


@pytest.mark.parametrize("folder", ["", "zh/"])
def test_a_chart_links_its_data_and_its_picture(rendered: Path, folder: str) -> None:
    page = Page((rendered / "site" / f"{folder}study-original.html").read_text(encoding="utf-8"))
    links = [attributes["href"] or "" for tag, attributes in page.tags if tag == "a" and "download" in attributes]
    up = "../" if folder else ""
    assert f"{up}tables/study-original/pairs.csv" in links
    language = "zh" if folder else "en"
    assert f"{up}figures/original/overlap_by_relation.{language}.svg" in links
    assert all((rendered / "site" / folder / link).is_file() for link in links)


def test_the_data_of_a_chart_are_the_rows_of_its_query(two_studies: Path, rendered: Path) -> None:
    [study] = [study for study in reading.read(two_studies).studies if study.id == "original"]
    result = study.results["study"]["pairs"]
    with (rendered / "site" / "tables" / "study-original" / "pairs.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["derived_model_id"] for row in rows] == [row["derived_model_id"] for row in result]
    assert [float(row["overlap_ratio"]) for row in rows] == [row["overlap_ratio"] for row in result]


def test_a_spreadsheet_runs_nothing_of_a_table() -> None:
    rows = ({"name": "=1+1", "n": -3, "day": date(2024, 5, 1), "is": True, "none": None},)
    assert as_csv(Result("q", "", rows)).decode("utf-8-sig").splitlines() == [
        "name,n,day,is,none",
        "'=1+1,-3,2024-05-01,true,",
    ]


def test_a_table_too_large_for_the_site_is_not_written(two_studies: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reports.site.tables.MAX_ROWS", 10)
    holdings = reading.read(two_studies)
    tables = Tables(holdings)
    assert len(holdings.studies[0].results["study"]["pairs"]) > 10
    assert tables.path(holdings.studies[0].results["study"]["pairs"]) is None
    assert tables.files == {}
