"""What a reader's browser makes of the site. Skipped where there is no Chromium (Debian: apt-get install chromium)."""

import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import pytest

pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
from axe_core_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from tests.python.conftest import ROOT

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
WIDTHS = (360, 1280)

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium here (Debian: apt-get install chromium)"),
    pytest.mark.xdist_group("browser"),
]

TEXTS = """() => [...document.querySelectorAll("main svg")].flatMap((svg) => {
  const texts = [...svg.querySelectorAll("text")].map((text) => {
    const box = text.getBoundingClientRect();
    return { words: text.textContent, size: parseFloat(getComputedStyle(text).fontSize), box };
  });
  const found = [];
  const crosses = (a, b, low, high) => a[low] < b[high] - 2 && b[low] < a[high] - 2;
  const overlap = (a, b) => crosses(a, b, "left", "right") && crosses(a, b, "top", "bottom");
  texts.forEach((text, at) => {
    if (text.size < 12) found.push(`small: ${text.words} ${text.size}`);
    const { left, right } = text.box;
    if (left < 0 || right > document.documentElement.clientWidth) found.push(`clipped: ${text.words} ${left} ${right}`);
    texts.slice(at + 1).forEach((other) => {
      if (overlap(text.box, other.box)) found.push(`overlap: ${text.words} / ${other.words}`);
    });
  });
  return found;
})"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page that fails its test when it says something on the console, throws, or asks for anything from outside."""
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: request.url.startswith(("file:", "data:", "blob:")) or said.append(request.url))
    page.on("dialog", lambda dialog: (said.append(dialog.message), dialog.dismiss()))
    yield page
    page.close()
    assert said == []


def all_pages(rendered: Path) -> list[Path]:
    return sorted((rendered / "site").rglob("*.html"))


def test_no_page_is_wider_than_the_screen_and_no_text_of_a_figure_is_clipped_small_or_hidden(
    rendered: Path, page: Page
) -> None:
    wrong: dict[str, Any] = {}
    for path in all_pages(rendered):
        page.goto(path.as_uri())
        page.evaluate("document.querySelectorAll('details').forEach((details) => { details.open = true; })")
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            found = page.evaluate(TEXTS)
            if page.evaluate("document.documentElement.scrollWidth") > width:
                found.append("wider than the screen")
            if found:
                wrong[f"{path.relative_to(rendered)} at {width}"] = found
    assert wrong == {}


@pytest.mark.parametrize(
    ("scheme", "names", "rules"),
    [
        ("light", ("index", "study-original", "tests-original", "ecosystem", "lineage", "method"), None),
        ("dark", ("index", "study-original", "makers"), ["color-contrast"]),
    ],
)
def test_axe_finds_nothing(
    rendered: Path, page: Page, scheme: Literal["light", "dark"], names: tuple[str, ...], rules: list[str] | None
) -> None:
    page.emulate_media(color_scheme=scheme)
    wrong = {}
    for name in names:
        page.goto((rendered / "site" / f"{name}.html").as_uri())
        violations = Axe().run(page, options={"runOnly": rules} if rules else None)["violations"]
        if violations:
            wrong[name] = [(one["id"], [node["html"][:200] for node in one["nodes"]][:3]) for one in violations]
    assert wrong == {}


def test_the_answer_and_the_first_picture_are_on_the_first_screen(rendered: Path, page: Page) -> None:
    page.goto((rendered / "site" / "index.html").as_uri())
    picture = page.locator("main svg").first.bounding_box()
    assert picture is not None
    assert picture["y"] + min(picture["height"], 250) <= 800
    assert page.locator(".card").count() >= 3


def test_a_table_sorts_filters_grows_and_saves(rendered: Path, page: Page, tmp_path: Path) -> None:
    page.goto((rendered / "site" / "study-original.html").as_uri())
    section = page.locator("#everything")
    rows = section.locator("tbody tr")
    n_rows = rows.count()
    assert n_rows > 12

    def overlaps() -> list[float]:
        return [float(text) for text in rows.locator("td:nth-child(5)").all_text_contents() if text != "–"]

    section.get_by_role("button", name="overlap").click()
    assert overlaps() == sorted(overlaps(), reverse=True)
    section.get_by_role("button", name="overlap").click()
    assert overlaps() == sorted(overlaps())
    assert section.locator("th").nth(4).get_attribute("aria-sort") == "ascending"
    section.get_by_role("searchbox").fill("gated")
    assert 0 < rows.count() < n_rows
    assert all("gated" in text for text in rows.all_text_contents())
    with page.expect_download() as download:
        section.get_by_role("button", name="CSV").click()
    saved = tmp_path / "saved.csv"
    download.value.save_as(saved)
    assert len(saved.read_text(encoding="utf-8-sig").splitlines()) == n_rows + 1


@pytest.mark.parametrize("folder", ["", "zh"])
def test_a_chart_is_saved_as_it_is_seen(rendered: Path, page: Page, tmp_path: Path, folder: str) -> None:
    page.goto((rendered / "site" / folder / "study-original.html").as_uri())
    figure = page.locator(".figure").first
    with page.expect_download() as download:
        figure.get_by_role("button", name="PNG").click()
    assert download.value.suggested_filename == f"overlap_by_relation.{'zh-Hans' if folder else 'en'}.png"
    saved = tmp_path / "saved.png"
    download.value.save_as(saved)
    picture = saved.read_bytes()
    assert picture.startswith(b"\x89PNG")
    box = figure.locator(".panels").bounding_box()
    assert box is not None
    assert int.from_bytes(picture[16:20], "big") == 2 * round(box["width"] + 32)
    assert len(picture) > 5_000  # of an empty sheet there would be less


def test_every_mark_of_a_chart_says_what_it_is_by_hand_and_by_keyboard(rendered: Path, page: Page) -> None:
    page.goto((rendered / "site" / "study-original.html").as_uri())
    drawing, tip = page.locator(".drawing").first, page.locator(".tip")
    drawing.locator("circle").first.hover()
    tip.wait_for()
    assert "evil/" in tip.inner_text()
    n_marks = drawing.locator("circle").count()
    drawing.focus()
    said = []
    for _ in range(n_marks):
        page.keyboard.press("ArrowRight")
        said.append(tip.inner_text())
    assert len(set(said)) == n_marks
    page.keyboard.press("Escape")
    assert not tip.is_visible()


def test_the_other_language_opens_at_the_same_place(rendered: Path, page: Page) -> None:
    page.goto((rendered / "site" / "study-original.html").as_uri())
    page.evaluate("document.getElementById('findings').scrollIntoView()")
    page.get_by_role("link", name="中文").evaluate("(link) => link.click()")  # a click by hand, without scrolling to it
    page.wait_for_url("**/zh/study-original.html#findings")
    top = page.evaluate("document.getElementById('findings').getBoundingClientRect().top")
    assert -50 <= top <= 150


def test_a_term_explains_itself_on_focus(rendered: Path, page: Page) -> None:
    page.goto((rendered / "site" / "index.html").as_uri())
    term = page.locator(".term").first
    assert not term.locator(".meaning").is_visible()
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        for term in page.locator(".term").all():
            term.focus()
            assert term.locator(".meaning").is_visible()
            assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_page_prints_without_its_tools(rendered: Path, page: Page) -> None:
    page.goto((rendered / "site" / "study-original.html").as_uri())
    page.emulate_media(media="print")
    for hidden in (".top", ".tools", ".sql"):
        assert not page.locator(hidden).first.is_visible()
    assert page.locator("main svg").first.is_visible()


def test_pages_are_light(rendered: Path) -> None:
    assert (rendered / "site" / "index.html").stat().st_size < 300_000
    assert sum(path.stat().st_size for path in (rendered / "site").rglob("*") if path.is_file()) < 4_000_000


ATTEMPTS = {
    "script-src-elem": "add('script', { textContent: 'document.title = 1' })",
    "script-src-attr": "add('p', {}, { onclick: 'document.title = 1' }).click()",
    "script-src": "setTimeout(() => { try { eval('1') } catch { } })",
    "style-src-elem": "add('style', { textContent: 'p { color: red }' })",
    "style-src-attr": "add('p', {}, { style: 'color: red' })",
    "img-src": "add('img', { src: 'https://outside.example/x.png' })",
    "connect-src": "fetch('https://outside.example/').catch(() => 0)",
    "font-src": "new FontFace('x', 'url(https://outside.example/x.woff2)').load().catch(() => 0)",
    "frame-src": "add('iframe', { src: 'https://outside.example/' })",
    "media-src": "add('video', { src: 'https://outside.example/x.mp4' })",
    "object-src": "add('object', { data: 'https://outside.example/x.swf' })",
    "worker-src": "try { new Worker('data:text/javascript,1') } catch { }",
    "manifest-src": "add('link', { rel: 'manifest', href: 'https://outside.example/x.json' }, {}, document.head)",
    "base-uri": "add('base', { href: 'https://outside.example/' }, {}, document.head)",
    "form-action": "add('form', { action: 'https://outside.example/' }).submit()",
}
"""What injected markup could try, by the directive that must stop it; for what has none, `default-src` speaks."""

NEVER_FETCHED = {"manifest-src"}
"""Chromium asks for a manifest only where a page can be installed."""

TRY = """(attempt) => {
  window.refused ??= [];
  document.addEventListener("securitypolicyviolation", (event) => refused.push(event.effectiveDirective));
  const add = (name, properties, attributes = {}, place = document.body) => {
    const element = Object.assign(document.createElement(name), properties);
    Object.entries(attributes).forEach(([key, value]) => element.setAttribute(key, value));
    return place.appendChild(element);
  };
  ATTEMPT;
}"""


def test_the_policy_stops_whatever_markup_could_be_injected(tmp_path: Path, browser: Browser) -> None:
    """On a small page with the policy of all pages: a page that is full of charts takes longer and says no more."""
    template = (ROOT / "reports" / "site" / "templates" / "base.html").read_text(encoding="utf-8")
    [policy] = re.findall('<meta http-equiv="Content-Security-Policy"[^>]*>', template)
    path = tmp_path / "page.html"
    path.write_text(f"<!doctype html><html><head>{policy}<title>before</title></head><body></body></html>")
    page = browser.new_page()
    asked: list[str] = []
    page.on("requestfailed", lambda request: "csp" in str(request.failure) or asked.append(request.url))
    page.on("response", lambda answer: answer.url.startswith("file:") or asked.append(answer.url))
    page.goto(path.as_uri())
    for attempt in ATTEMPTS.values():
        page.evaluate(TRY.replace("ATTEMPT", attempt))
    missing = ATTEMPTS.keys() - NEVER_FETCHED
    deadline = time.monotonic() + 30
    while missing and time.monotonic() < deadline:
        page.wait_for_timeout(100)
        missing -= set(page.evaluate("refused"))
    assert missing == set()
    assert page.locator("head > title").text_content() == "before", page.content()
    assert asked == []
    page.close()
