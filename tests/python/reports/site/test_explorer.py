"""The network, the families, the search and any model in a browser, whatever models are called.

Skipped where there is no Chromium (Debian: apt-get install chromium).
"""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
from axe_core_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright

from reports.site.render import render
from tests.python.reports.explore.conftest import CANDIDATES, CHINESE, EDGES, HOSTILE, LONG, MODELS, PAIRS, SCRIPT
from tests.python.reports.site import contracts

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium here (Debian: apt-get install chromium)"),
    pytest.mark.xdist_group("browser"),
]


def marts() -> dict[str, list[dict[str, Any]]]:
    """The rows of the small warehouse as the marts hold them."""
    names = (
        "model_id", "model_type", "primary_root_id", "depth", "downloads", "created_at", "license", "is_license_known",
        "architecture", "parameter_count",
    )  # fmt: skip
    models = [dict(zip(names, model, strict=True)) | {"author": model[0].split("/")[0]} for model in MODELS]
    edge = ("parent_model_id", "child_model_id", "relation", "is_cycle_breaker")
    pair = ("study_id", "base_model_id", "derived_model_id", "overlap_ratio", "relation", "invalid_reason")
    candidate = (
        "study_id", "derived_model_id", "candidate_base_id", "rank", "is_declared_parent", "score", "overlap_ratio"
    )  # fmt: skip
    families = [model for model in models if model["depth"] == 0 and model["model_id"] != "c/alone"]
    return {
        "dim_models": [model | {"is_observed": True, "is_in_lineage": model["depth"] is not None} for model in models],
        "dim_authors": [{"author": "a", "country": "FR"}, {"author": "b"}],
        "dim_families": [
            {"family_id": root["model_id"], "is_root_observed": True, "max_depth": 2, "downloads_weighted": 1.0}
            | dict.fromkeys(("n_models", "n_primary_models", "n_observed_models"), 6 if root["depth"] else 3)
            for root in families
        ],
        "fct_lineage_edges": [dict(zip(edge, row, strict=True)) for row in EDGES],
        "fct_overlaps": [dict(zip(pair, row, strict=True)) | {"is_valid": row[3] is not None} for row in PAIRS],
        "mart_lineage_candidates": [dict(zip(candidate, row, strict=True)) for row in CANDIDATES],
    }


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("explorer")
    contracts.make(folder / "small.duckdb", marts(), stats=True)
    render(folder / "small.duckdb", folder / "site", "all")
    return folder / "site"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page that fails its test when it says something on the console, throws, or asks for anything from outside."""
    page = browser.new_page(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: request.url.startswith(("file:", "data:")) or said.append(request.url))
    page.on("dialog", lambda dialog: (said.append(dialog.message), dialog.dismiss()))
    yield page
    page.close()
    assert said == []


def network(page: Page, site: Path, language: str = "") -> None:
    page.goto((site / language / "network.html").as_uri())
    page.wait_for_selector("#stage[data-drawn]")


def record(page: Page, site: Path, model_id: str, language: str = "") -> None:
    page.goto("about:blank")
    page.goto(
        (site / language / "model.html").as_uri() + "#" + "/".join(quote(part, safe="") for part in model_id.split("/"))
    )
    page.wait_for_selector("#record[data-shown]")


def test_the_search_flies_to_a_model_and_its_card_names_its_relatives(site: Path, page: Page) -> None:
    network(page, site)
    page.locator("#find").fill("GRANDCH")
    expect(page.locator("#find-hits [role=option]")).to_have_text(["a/grandchild"])
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    card = page.locator("#card")
    expect(card.get_by_role("heading")).to_have_text("a/grandchild")
    assert "a/child" in card.inner_text()
    assert "700" in card.inner_text()
    card.get_by_role("button", name="a/child").click()
    expect(card.get_by_role("heading")).to_have_text("a/child")
    assert "its declared parent fits best" in card.inner_text()


def test_a_search_tells_when_nothing_is_found(site: Path, page: Page) -> None:
    network(page, site)
    page.locator("#find").fill("zzz")
    expect(page.locator(".search [role=status]")).to_have_text("No model of this warehouse has that in its id.")


def test_the_keyboard_walks_the_tree_and_opens_a_record(site: Path, page: Page) -> None:
    network(page, site)
    heading = page.locator("#card h2")
    page.locator("#network").focus()
    page.goto((site / "network.html").as_uri() + "#a/child")
    expect(heading).to_have_text("a/child")
    page.locator("#network").focus()
    for key, model_id in (
        ("Up", "a/root"),
        ("Down", "a/child"),
        ("Right", SCRIPT),
        ("Left", "a/child"),
    ):
        page.keyboard.press(f"Arrow{key}")
        expect(heading).to_have_text(model_id)
    page.keyboard.press("Escape")
    expect(page.locator("#card")).to_be_hidden()
    page.keyboard.press("Enter")
    expect(page.locator("#card")).to_be_visible()
    page.keyboard.press("Enter")
    page.wait_for_url("**/model.html#**")


def test_pointing_finds_a_model_and_a_click_shows_it(site: Path, page: Page) -> None:
    page.goto((site / "network.html").as_uri() + "#a/root")
    expect(page.locator("#card h2")).to_have_text("a/root")
    page.locator("#card .close").click()
    box = page.locator("#network").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2 - 170, box["y"] + box["height"] / 2  # where the flight ended, beside the card
    page.mouse.move(x, y)
    expect(page.locator("#network")).to_have_css("cursor", "pointer")
    page.mouse.click(x, y)
    expect(page.locator("#card h2")).to_have_text("a/root")


def test_the_table_says_what_the_picture_shows(site: Path, page: Page) -> None:
    network(page, site)
    rows = page.locator("#network-table tbody tr")
    expect(rows).to_have_count(9)
    assert rows.locator("td:first-child a").first.inner_text() == "a/root"
    page.get_by_role("button", name="adapter", exact=False).first.click()
    expect(rows).to_have_count(1)
    assert CHINESE in rows.first.inner_text()
    page.locator("#legend [aria-pressed=true]").click()
    page.locator("#network-table").get_by_role("button", name="created").click()
    page.locator("#network-table").get_by_role("button", name="created").click()
    assert rows.locator("td:last-child").all_inner_texts()[1:3] == ["2023-01", "2023-02"]
    rows.nth(2).get_by_role("button").click()
    expect(page.locator("#card h2")).to_have_text("b/root")


@pytest.mark.parametrize("layout", ["time", "size", "radial"])
def test_every_layout_and_colour_can_be_chosen(site: Path, page: Page, layout: str) -> None:
    network(page, site)
    page.locator("#layout").select_option(layout)
    page.locator("#merges").check()
    for colour in ("license", "country", "architecture", "fit", "type"):
        page.locator("#colour").select_option(colour)
        counts = page.locator("#legend small").all_inner_texts()
        assert sum(map(int, counts)) == 9


def test_the_picture_has_points_and_lines_in_the_colours_of_the_legend(site: Path, page: Page) -> None:
    network(page, site)
    colours = page.evaluate(
        """() => {
          const canvas = document.getElementById("network");
          const bytes = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
          const seen = new Map();
          for (let at = 0; at < bytes.length; at += 4) {
            if (bytes[at + 3] < 235) continue;
            const colour = [0, 1, 2].map((part) => Math.round(bytes[at + part] / 8)).join();
            seen.set(colour, (seen.get(colour) || 0) + 1);
          }
          return Object.fromEntries(seen);
        }"""
    )
    legend = page.evaluate(
        """() => [...document.querySelectorAll("#legend .swatch")].map((swatch) =>
          getComputedStyle(swatch).backgroundColor.match(/\\d+/g).slice(0, 3).map((part) => Math.round(part / 8)).join()
        )"""
    )
    assert len(legend) == 5
    assert [colour for colour in legend if colours.get(colour, 0) < 20] == []


@pytest.mark.parametrize("model_id", HOSTILE)
def test_hostile_names_are_shown_harmless_and_break_no_layout(site: Path, page: Page, model_id: str) -> None:
    page.set_viewport_size({"width": 360, "height": 780})
    record(page, site, model_id)
    assert page.locator("h1").inner_text() == model_id
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.goto((site / "network.html").as_uri() + "#" + quote(model_id))
    expect(page.locator("#card h2")).to_have_text(model_id)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.locator("#find").fill(model_id)
    expect(page.locator("#find-hits [role=option]")).to_have_text([model_id])


def test_a_record_has_the_lineage_the_pairs_and_the_licences(site: Path, page: Page) -> None:
    record(page, site, "a/grandchild")
    text = page.locator("#record").inner_text()
    assert "never observed" not in text
    sections = page.locator("#record section")
    assert sections.last.locator("li").all_inner_texts() == [
        "a/grandchild · none stated",
        "a/child · mit",
        "a/root · mit",
    ]
    record(page, site, "a/child")
    told = page.locator("#record .told")
    assert told.inner_text() == (
        "a/child is kin of a/root, which it declares as its parent (by its fingerprint alone; its weights were not "
        "compared)."
    )
    assert told.get_by_role("link").inner_text() == "a/root"
    parent = page.locator("#record li").first
    assert parent.inner_text() == "a/root · finetune · overlap 0.8000 (s)"
    parent.get_by_role("link").click()
    expect(page.locator("h1")).to_have_text("a/root")
    hub = page.get_by_role("link", name="Open it on the Hub")
    assert hub.get_attribute("href") == "https://huggingface.co/a/root"


def test_an_unknown_model_is_said_to_be_unknown(site: Path, page: Page) -> None:
    page.goto((site / "model.html").as_uri() + "#no/body")
    expect(page.locator("#model-message")).to_have_text("This warehouse has no model with the id no/body.")


def test_another_language_shows_the_same_model(site: Path, page: Page) -> None:
    record(page, site, "a/child")
    page.get_by_role("link", name="中文").click()
    page.wait_for_url("**/zh/model.html#a/child")
    expect(page.locator("h1")).to_have_text("a/child")
    expect(page.locator("#record .told")).to_have_text(
        "a/child 与它声明的父模型 a/root 有亲缘（仅依据指纹；权重未作比较）。"
    )


def test_a_family_page_shows_its_family_alone(site: Path, page: Page) -> None:
    page.goto((site / "families.html").as_uri())
    page.get_by_role("link", name="b/root").click()
    page.wait_for_selector("#stage[data-drawn]")
    expect(page.locator("#network-table tbody tr")).to_have_count(3)


def test_the_home_page_finds_a_model(site: Path, page: Page) -> None:
    page.goto((site / "index.html").as_uri())
    page.locator("#find-model").fill("b/ro")
    page.keyboard.press("Enter")
    page.wait_for_url("**/model.html#b/root")


@pytest.mark.parametrize(("scheme", "rules"), [("light", None), ("dark", ["color-contrast"])])
def test_axe_finds_nothing_in_the_explorer(site: Path, page: Page, scheme: Any, rules: list[str] | None) -> None:
    page.emulate_media(color_scheme=scheme)
    options = {"runOnly": rules} if rules else None
    network(page, site)
    page.goto((site / "network.html").as_uri() + "#" + LONG)
    expect(page.locator("#card")).to_be_visible()
    wrong = {"network": Axe().run(page, options=options)["violations"]}
    record(page, site, "a/child")
    wrong["model"] = Axe().run(page, options=options)["violations"]
    page.goto((site / "families.html").as_uri())
    wrong["families"] = Axe().run(page, options=options)["violations"]
    found = {
        name: [(one["id"], [node["html"][:160] for node in one["nodes"]][:3]) for one in violations]
        for name, violations in wrong.items()
    }
    assert found == {"network": [], "model": [], "families": []}
