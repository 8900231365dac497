import json
import re
import shutil
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

import duckdb
import pytest
from markdown_it import MarkdownIt

from modelkin.errors import InputError, UsageError, WarehouseError
from reports.site import reading
from reports.site.reading import slug
from reports.site.render import render
from reports.site.writing import MANIFEST
from tests.python.reports.site import contracts

ECOSYSTEM = ("ecosystem", "makers", "licences", "purposes", "making")
EXPLORER = ("network", "families", "edges", "model", "models")
SITE = ("index", *EXPLORER, *ECOSYSTEM, "lineage", "claims", "method")
PAGES = (*SITE, "study-original", "tests-original")


class Page(HTMLParser):
    """The tags of a page with their attributes, its visible text, and what its scripts hold."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.scripts: list[str] = []
        self._open: str | None = None
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag in ("script", "style", "pre"):
            self._open = tag

    def handle_endtag(self, tag: str) -> None:
        if tag == self._open:
            self._open = None

    def handle_data(self, data: str) -> None:
        if self._open == "script":
            self.scripts.append(data)
        elif self._open is None:
            self.text.append(data)


def read(folder: Path, name: str) -> str:
    return (folder / "site" / name).read_text(encoding="utf-8")


def numbers(text: str) -> Counter[str]:
    return Counter(re.findall(r"−?\d+(?:,\d{3})*(?:\.\d+)?%?", text))


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """A folder to render into."""
    folder = tmp_path / "build" / "site"
    folder.mkdir(parents=True)
    return folder


def test_pages_reports_and_pictures_are_written(rendered: Path) -> None:
    for name in PAGES:
        assert read(rendered, f"{name}.html").startswith("<!doctype html>")
        assert 'lang="zh-Hans"' in read(rendered, f"zh/{name}.html")
    assert (rendered / "site" / "report.en.md").is_file()
    assert (rendered / "site" / "report.zh.md").is_file()
    assert (rendered / "site" / "figures" / "_ecosystem" / "licence_transitions.zh.svg").is_file()
    figures = {path.name for path in (rendered / "site" / "figures" / "original").iterdir()}
    for name in ("overlap_by_relation", "downloads_against_overlap", "download_sweep", "overlap_by_k"):
        assert {f"{name}.en.svg", f"{name}.zh.svg"} <= figures


@pytest.mark.parametrize("name", [*PAGES, "study-minihub", "tests-minihub"])
def test_both_languages_hold_the_same_numbers(rendered: Path, name: str) -> None:
    english, chinese = (" ".join(Page(read(rendered, f"{folder}{name}.html")).text) for folder in ("", "zh/"))
    assert numbers(english) == numbers(chinese)


def test_both_markdown_reports_hold_the_same_numbers(rendered: Path) -> None:
    english, chinese = ((rendered / "site" / f"report.{code}.md").read_text(encoding="utf-8") for code in ("en", "zh"))
    assert len(numbers(english)) > 20
    assert numbers(english) == numbers(chinese)


def test_numbers_are_those_of_the_tables(rendered: Path) -> None:
    page = " ".join(Page(read(rendered, "study-original.html")).text)
    for text in (page, (rendered / "site" / "report.en.md").read_text()):
        for number in ("0.4914", "0.5147", "71.8", "97.7%", "−0.174", "89", "96"):
            assert number in numbers(text), number


@pytest.mark.parametrize("name", [*PAGES, "study-minihub"])
def test_hostile_names_cannot_break_out_of_a_page(rendered: Path, name: str) -> None:
    html = read(rendered, f"{name}.html")
    page = Page(html)
    assert not [tag for tag, attributes in page.tags if any(key.startswith("on") for key in attributes)]
    assert {attributes["src"] for tag, attributes in page.tags if tag == "img"} <= {"data/network.svg"}
    assert not [attributes for tag, attributes in page.tags if "javascript:" in (attributes.get("href") or "")]
    scripts = [attributes for tag, attributes in page.tags if tag == "script"]
    allowed = {
        "assets/page.js",
        "assets/charts.js",
        "assets/explore.js",
        "assets/hands.js",
        "assets/network.js",
        "assets/panels.js",
        "assets/points.js",
        "assets/model.js",
    }
    assert {script["src"] for script in scripts if "src" in script} <= allowed
    assert {script["type"] for script in scripts if "src" not in script} <= {"application/json"}
    for text in page.scripts:
        json.loads(text or "{}")
    assert not [attributes for _tag, attributes in page.tags if "style" in attributes]


def test_hostile_names_are_shown_as_they_are(rendered: Path) -> None:
    assert contracts.HOSTILE_LABEL in " ".join(Page(read(rendered, "study-original.html")).text)
    assert f"{contracts.HOSTILE_ID}-1" in " ".join(Page(read(rendered, "models.html")).text)


def test_long_chinese_and_right_to_left_names_are_shown_whole(rendered: Path) -> None:
    for page in ("study-original", "models"):
        text = " ".join(Page(read(rendered, f"{page}.html")).text)
        assert [name for name in contracts.HOSTILE_NAMES if name not in text] == [], page


def test_hostile_names_cannot_break_a_markdown_table(rendered: Path) -> None:
    text = (rendered / "site" / "report.en.md").read_text(encoding="utf-8")
    tokens = [token for block in MarkdownIt().enable("table").parse(text) for token in (block, *(block.children or ()))]
    assert not [token.content for token in tokens if token.type in ("html_block", "html_inline", "link_open")]
    assert {token.attrs["src"].split("/")[0] for token in tokens if token.type == "image"} == {"figures"}
    assert contracts.HOSTILE_LABEL in {token.content for token in tokens if token.type == "text"}
    for table in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE):
        cells = {len(re.findall(r"(?<!\\)\|", line)) for line in table.splitlines()}
        assert len(cells) == 1, table


def test_a_page_needs_nothing_from_elsewhere(rendered: Path) -> None:
    for path in (rendered / "site").rglob("*.html"):
        for _tag, attributes in Page(path.read_text(encoding="utf-8")).tags:
            for key in ("src", "href"):
                target = attributes.get(key)
                if not target or target.startswith("#") or target == "data:,":
                    continue
                assert "//" not in target
                file, _, part = target.partition("#")
                assert (path.parent / file).is_file(), f"{path.name}: {target}"
                if part and file != "model.html":  # whose part names a model
                    assert f'id="{part}"' in (path.parent / file).read_text(encoding="utf-8"), f"{path.name}: {target}"


@pytest.mark.parametrize("name", ["study-original", *ECOSYSTEM])
def test_every_table_and_chart_has_its_query_and_charts_their_words(rendered: Path, name: str) -> None:
    html = read(rendered, f"{name}.html")
    drawings = [attributes for _tag, attributes in Page(html).tags if attributes.get("class") == "drawing"]
    assert drawings
    assert all(len(attributes["aria-label"] or "") > 30 for attributes in drawings)
    assert html.count('<details class="sql">') >= html.count("<table")


def test_a_study_has_at_most_five_figures_and_each_says_its_finding(rendered: Path) -> None:
    html = read(rendered, "study-original.html")
    titles = re.findall(r"<figcaption><h3>(.*?)</h3>", html)
    assert 3 <= len(titles) <= 5
    assert len(set(titles)) == len(titles)


def test_every_sum_of_downloads_says_of_how_many(rendered: Path) -> None:
    for name in ("models", *ECOSYSTEM):
        for head in re.findall(r"<thead>.*?</thead>", read(rendered, f"{name}.html"), re.DOTALL):
            columns = [re.sub(r"<.*?>", "", cell).strip() for cell in re.findall(r"<th.*?</th>", head)]
            is_of_single_models = "model" in columns
            if {"downloads", "downloads now", "downloads of the children"} & set(columns) and not is_of_single_models:
                assert "known for" in columns or "n" in columns, (name, columns)


def test_synthetic_data_are_marked_wherever_they_are_seen(rendered: Path) -> None:
    for name in ("study-minihub", "tests-minihub", "models", *ECOSYSTEM, "method"):
        assert 'class="banner"' in read(rendered, f"{name}.html"), name
    html = read(rendered, "study-minihub.html")
    assert html.count('<p class="tag">synthetic demo data</p>') == html.count("<figure")
    assert 'class="banner"' not in read(rendered, "study-original.html")
    assert "Synthetic demo data" in (rendered / "site" / "report.en.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", PAGES)
def test_no_two_elements_of_a_page_share_an_id(rendered: Path, name: str) -> None:
    ids = Counter(
        attributes["id"] for _tag, attributes in Page(read(rendered, f"{name}.html")).tags if "id" in attributes
    )
    assert [id_ for id_, n in ids.items() if n > 1] == []


def said(folder: Path, name: str) -> str:
    return " ".join(" ".join(Page(read(folder, f"{name}.html")).text).split())


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("ecosystem", "Of 40 models, 50.0% are of type base, more than of any other."),
        (
            "ecosystem",
            "Of 120 models with a known date of creation, 80 were made in the twelve months to 2025-02 and 40",
        ),
        ("ecosystem", "of 1 base model that have one, half had it within 12.5 days and 25.0% within a week."),
        ("makers", "The country is known for 10 of 20 authors, who have 50.0% of the models. They have 60.0% of the"),
        ("makers", "Of those downloads, 100.0% go to models from one country: France."),
        (
            "makers",
            "Of 20 authors, the most downloaded has 50.0% of the downloads known (400 of 40 models). "
            "The first ten have 90.0%.",
        ),
        ("makers", "50 downloads, 1 like, and 1 model of other authors built on its own."),
        (
            "licences",
            "Of 40 models whose licence a source could say, 75.0% state one; of those, 66.7% state mit, the commonest",
        ),
        ("licences", "Of 12 edges with both licences known, 75.0% keep the parent's licence, 0.0% take a stricter one"),
        (
            "licences",
            "Of 14 edges in all, 2 lack a licence at one end or both: 2 drop the parent's, 0 add one; of 0",
        ),
        ("purposes", "Of 12 edges with both tasks known, 50.0% (n 6) lead to another task."),
        ("purposes", "Of 4 models that name a single one, 50.0% name French."),
        ("purposes", "Of 8 edges whose ends both name a language, 50.0% keep it"),
        ("purposes", "it is named by 1 model, and 20 more descend from such a model."),
        ("making", "The architecture is known for 39 models, for 3 of them from an ancestor alone; 100.0% are"),
        ("making", "The number of parameters is known for 30 models: the median is 15.5M"),
        ("making", "8 models, 5 of them by a tag."),
        ("making", "Of 20 model cards read, 40.0% speak of limitations, 40.0% of bias and 40.0% of risks."),
    ],
)
def test_findings_on_the_ecosystem_are_those_of_the_marts(rendered: Path, name: str, sentence: str) -> None:
    assert sentence in said(rendered, name)


def test_findings_on_the_ecosystem_are_in_the_markdown_report_too(rendered: Path) -> None:
    text = (rendered / "site" / "report.en.md").read_text(encoding="utf-8")
    assert "- **Does a child keep its parent's licence?** Of 12 edges with both licences known, 75.0% keep" in text


def test_tables_on_the_ecosystem_say_how_many_rows_there_are(rendered: Path) -> None:
    for name, n_rows in (("ecosystem", 22), ("makers", 20), ("purposes", 20)):
        assert f"15 of {n_rows} shown." in said(rendered, name), name


def test_what_was_found_out_about_descent_is_said_in_a_sentence(rendered: Path) -> None:
    hostile = contracts.HOSTILE_ID
    refuted = (
        f"{hostile}-1 does not descend from org/base, which it declares as its parent; it is kin of {hostile} "
        "(by its weights; its fingerprint says otherwise; confidence 97%)."
    )
    assert refuted in said(rendered, "edges")
    assert refuted in said(rendered, "index")
    assert "… was never observed. 1" in said(rendered, "edges")
    assert "70.0% linear 1.0% no" in said(rendered, "edges")
    chinese = " ".join(Page(read(rendered, "zh/edges.html")).text)
    kin = f"它与 {hostile} 有亲缘（依据权重；指纹的结论相反；置信度 97%）。"
    assert f"并非源自它声明的父模型 org/base；{kin}" in chinese


def test_what_is_synthetic_is_counted_where_it_is_mixed_with_real_data(rendered: Path) -> None:
    assert "1 of 42 models with metadata are synthetic demo data." in said(rendered, "ecosystem")


def test_a_headline_is_given_without_the_pairs_in_doubt_too(rendered: Path) -> None:
    without = "Without disputed and suspect pairs: "
    study, report = said(rendered, "study-original"), (rendered / "site" / "report.en.md").read_text(encoding="utf-8")
    for text in (study, report):
        assert f"{without}0.945, 95% interval [0.927, 1.03], n 77 and 96; too few pairs." in text
        assert f"{without}−0.206, 95% interval [−0.224, −0.124], n 77 and 96; not settled." in text
    home = said(rendered, "index")
    assert f"{without}Too few pairs to be sure that overlap alone tells the family." in home
    assert home.count(without) == 1  # the verdict on downloads is the same without them


def test_without_metadata_the_ecosystem_is_one_sentence(tmp_path: Path, out: Path) -> None:
    rows = contracts.study_rows("original", "TinyLlama")
    rows["dim_models"] = [{**model, "is_observed": False, "downloads": None} for model in rows["dim_models"]]
    ghosts = {"mart_reputation": [{"author": "org", "impact_score": 0.0}], "mart_origins": [{"country": "unknown"}]}
    warehouse = contracts.make(tmp_path / "bare.duckdb", contracts.merged(rows, ghosts))
    render(warehouse, out, "all")
    for name in ECOSYSTEM:
        html = (out / f"{name}.html").read_text(encoding="utf-8")
        assert "Nothing observed: no model's metadata were extracted or imported here" in html
        assert "<table" not in html
        assert "data-chart" not in html
        assert "<h2" not in html
        assert "没有观测" in (out / "zh" / f"{name}.html").read_text(encoding="utf-8")
    assert "Nothing observed" in (out / "report.en.md").read_text(encoding="utf-8")


def test_a_question_without_data_is_answered_in_a_sentence_without_axes(tmp_path: Path, out: Path) -> None:
    rows = contracts.ecosystem_rows("org")
    known = ("mart_model_types", "mart_licenses", "dim_models", "mart_tasks", "mart_origins")
    runs = [
        {"run_id": run_id, "source": "hub", "status": "complete", "params": params, "is_synthetic": False}
        for run_id, params in (
            ("whole", '{"scope": "all", "is_partial": false}'),
            ("cut", '{"scope": "all", "is_partial": true}'),
        )
    ]
    tables = {name: rows[name] for name in known} | {"fct_extract_runs": runs}
    result = render(contracts.make(tmp_path / "some.duckdb", tables), out, "en")
    assert "stats.model_graph" not in " ".join(result.notes)
    making = (out / "making.html").read_text(encoding="utf-8")
    assert "No model card has been read; `python -m extract hub --cards` fetches them." in making
    assert "documentation-shares" not in making
    lineage = (out / "ecosystem.html").read_text(encoding="utf-8")
    assert "which the warehouse does not have: run <code>modelkin export</code>." in " ".join(lineage.split())
    assert "No date of creation is known" in lineage
    assert "At least one extraction took in the whole Hub of its day. 1 of 2 extractions of metadata stopped" in lineage
    assert "Downloads are known for 20 of 40 models with metadata; the others are in no sum." in lineage


def test_real_studies_come_before_synthetic_ones(rendered: Path) -> None:
    html = read(rendered, "index.html")
    assert "Study original: " in html
    assert html.index("study-original.html") < html.index("study-minihub.html")


def test_rendering_again_changes_nothing_and_removes_what_no_longer_belongs(
    two_studies: Path, rendered: Path, out: Path
) -> None:
    render(two_studies, out, "all")
    first = {path.relative_to(out.parent): path.read_bytes() for path in out.parent.rglob("*") if path.is_file()}
    before = {path.relative_to(rendered): path.read_bytes() for path in rendered.rglob("*") if path.is_file()}
    assert first == before
    (out / "mine.html").write_text("kept")
    render(two_studies, out, "en")
    assert not (out / "zh" / "index.html").exists()
    assert (out / "index.html").is_file()
    assert (out / "mine.html").read_text() == "kept"
    assert not list((out / "figures").rglob("*.zh.svg"))


def test_a_list_of_files_that_points_elsewhere_removes_nothing(two_studies: Path, out: Path) -> None:
    precious = out.parent.parent / "precious.txt"
    precious.write_text("kept")
    (out / MANIFEST).write_text(json.dumps({"../../precious.txt": "", str(precious): ""}))
    render(two_studies, out, "en")
    assert precious.read_text() == "kept"


def test_a_damaged_list_of_files_is_one_clear_sentence(two_studies: Path, out: Path) -> None:
    (out / MANIFEST).write_text("[1, 2")
    with pytest.raises(InputError, match="damaged; remove it"):
        render(two_studies, out, "en")


def test_marts_without_a_row_render_and_say_so(tmp_path: Path, out: Path) -> None:
    warehouse = contracts.make(tmp_path / "empty.duckdb")
    result = render(warehouse, out, "all")
    assert "No pair has been measured or imported yet" in (out / "index.html").read_text()
    assert "there is no stats.claim_audit; run `modelkin test` to see its section." in result.notes
    assert "there are no measured pairs yet: the pages say so." in result.notes


def test_without_stats_the_pages_say_what_to_run(tmp_path: Path, out: Path) -> None:
    warehouse = contracts.make(tmp_path / "some.duckdb", contracts.study_rows("original", "TinyLlama"))
    render(warehouse, out, "en")
    for name in ("index", "study-original", "tests-original", "claims"):
        text = " ".join(" ".join(Page((out / f"{name}.html").read_text()).text).split())
        assert "which the warehouse does not have: run modelkin test" in text, name
    assert "run `modelkin test`" in (out / "report.en.md").read_text()


def test_a_study_without_downloads_says_so(tmp_path: Path, out: Path) -> None:
    rows = contracts.study_rows("original", "TinyLlama")
    for pair in rows["fct_overlaps"]:
        pair |= {"derived_downloads": None, "download_tier": "unknown", "quality": "unknown"}
    warehouse = contracts.make(tmp_path / "some.duckdb", rows)
    render(warehouse, out, "en")
    assert "No downloads are recorded for this study" in (out / "study-original.html").read_text()


def test_a_study_whose_every_pair_failed_renders(tmp_path: Path, out: Path) -> None:
    rows = contracts.study_rows("original", "TinyLlama")
    for pair in rows["fct_overlaps"]:
        pair |= {"overlap_ratio": None, "is_valid": False, "invalid_reason": "gated"}
    warehouse = contracts.make(tmp_path / "some.duckdb", rows)
    render(warehouse, out, "en")
    assert "gated: access must be granted first" in (out / "study-original.html").read_text()


def test_more_families_than_fit_are_counted_not_hidden(tmp_path: Path, out: Path) -> None:
    studies = [contracts.study_rows("original", f"family-{place}", n=4) for place in range(15)]
    rows = {name: [row for study in studies for row in study[name]] for name in studies[0]}
    rows["dim_download_tiers"] = studies[0]["dim_download_tiers"]
    warehouse = contracts.make(tmp_path / "many.duckdb", rows)
    render(warehouse, out, "en")
    assert "12 of 15 families are listed" in (out / "study-original.html").read_text()


def test_a_warehouse_without_marts_is_one_clear_sentence(tmp_path: Path, out: Path) -> None:
    path = tmp_path / "bare.duckdb"
    duckdb.connect(str(path)).close()
    with pytest.raises(WarehouseError, match=r"has no table marts\.dim_models.*run `modelkin build` first"):
        render(path, out, "en")


def test_no_warehouse_is_one_clear_sentence(tmp_path: Path, out: Path) -> None:
    with pytest.raises(WarehouseError, match="There is no warehouse at"):
        render(tmp_path / "none.duckdb", out, "en")


def test_statistics_of_another_build_of_the_marts_are_refused(two_studies: Path, tmp_path: Path, out: Path) -> None:
    path = shutil.copy(two_studies, tmp_path / "rebuilt.duckdb")
    with duckdb.connect(str(path)) as connection:
        connection.execute("update stats.builds set build_id = 'before' where table_name = 'model_graph'")
    assert not reading.read(path).site["ecosystem"]["hubs"].rows  # measuring the network is a step of its own
    with duckdb.connect(str(path)) as connection:
        connection.execute("update stats.builds set build_id = 'before'")
    with pytest.raises(WarehouseError, match=r"built again since .*stats\.significance_tests.*`modelkin test`"):
        render(path, out, "en")


def test_an_unknown_language_is_a_usage_error(two_studies: Path, out: Path) -> None:
    with pytest.raises(UsageError, match=r"There is no report in fr; use --locale en\|zh\|all"):
        render(two_studies, out, "fr")


def test_a_file_in_place_of_the_folder_is_a_usage_error(two_studies: Path, tmp_path: Path) -> None:
    (tmp_path / "site").write_text("")
    with pytest.raises(UsageError, match="is a file; name a folder"):
        render(two_studies, tmp_path / "site", "en")


def test_the_reader_lets_the_warehouse_go(two_studies: Path) -> None:
    reading.read(two_studies)
    with duckdb.connect(str(two_studies)) as connection:
        connection.execute("select 1")


@pytest.mark.parametrize(("study_id", "start"), [("original", "original"), ("../../etc", "etc-"), ("研究", "study-")])
def test_a_study_id_becomes_a_safe_file_name(study_id: str, start: str) -> None:
    assert slug(study_id).startswith(start)
    assert re.fullmatch(r"[a-z0-9-]+", slug(study_id))


def test_ids_that_differ_in_signs_alone_have_files_of_their_own() -> None:
    assert len({slug(study_id) for study_id in ("a b", "a-b", "A b", "a/b")}) == 4
