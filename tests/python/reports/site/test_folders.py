"""Where a report is written: each warehouse has a folder, and nothing lies outside it."""

import re
from pathlib import Path

import pytest

from reports.site.folders import docs_page, site_folder
from reports.site.render import render


def test_nothing_is_written_outside_the_folder_named(two_studies: Path, tmp_path: Path) -> None:
    out = tmp_path / "build" / "site"
    render(two_studies, out, "all")
    assert (out / "report.en.md").is_file()
    assert list(out.parent.iterdir()) == [out]


@pytest.mark.parametrize(
    ("warehouse", "folder"),
    [
        ("data/modelkin.duckdb", "build/site"),
        ("data/../data/modelkin.duckdb", "build/site"),
        ("data/hub.duckdb", "build/site-hub"),
    ],
)
def test_a_warehouse_in_the_data_folder_names_the_folder_of_its_report(warehouse: str, folder: str) -> None:
    assert site_folder(Path(warehouse)) == Path(folder)


def test_no_two_warehouses_share_the_folder_of_their_reports(tmp_path: Path) -> None:
    named = ["data/modelkin.duckdb", "data/hub.duckdb", "data/hub.db", "hub.duckdb", "data/hub a.duckdb", "研究.duckdb"]
    folders = [
        site_folder(Path(name)) for name in (*named, str(tmp_path / "modelkin.duckdb"), str(tmp_path / "hub.db"))
    ]
    assert len(set(folders)) == len(folders)
    assert {folder.parent for folder in folders} == {Path("build")}
    assert all(re.fullmatch(r"site(-[a-z0-9_-]+(\.[0-9a-f]{6})?)?", folder.name) for folder in folders), folders


def test_the_documentation_of_the_tables_is_linked_where_it_is_that_of_the_warehouse(
    two_studies: Path, tmp_path: Path
) -> None:
    out = tmp_path / "build" / "site"
    others = tmp_path / "build" / docs_page(Path("data/modelkin.duckdb")).parent.name / "static_index.html"
    others.parent.mkdir(parents=True)
    others.write_text("")
    render(two_studies, out, "all")
    assert "static_index.html" not in (out / "method.html").read_text(encoding="utf-8")
    own = docs_page(two_studies)
    (out.parent / own.parent.name).mkdir()
    (out.parent / own.parent.name / own.name).write_text("")
    render(two_studies, out, "all")
    for page, up in (("method.html", "../"), ("zh/method.html", "../../")):
        assert f'href="{up}{own.parent.name}/{own.name}"' in (out / page).read_text(encoding="utf-8")
