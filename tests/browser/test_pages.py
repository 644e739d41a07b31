"""Every page in a real browser: it stands, fits, keeps to itself, and speaks one language."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from pages.ui.frame import NAMES as PAGES
from shopdata.words import words
from tests.browser.conftest import Visit

LATIN = re.compile(r"[A-Za-z]{3,}")
CHINESE = re.compile("[\u4e00-\u9fff]")
# Names that are the same in both languages, and the names of icons. What stands in a field is the shop's own.
SAME = {"English", "CSV", "Excel", "ZIP", "SKU", "CNY", "Asia", "Shanghai"}
READ = """() => {
  const said = [];
  const icon = (node) => getComputedStyle(node).fontFamily.includes('Material Symbols');
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    const at = node.parentElement;
    const unread = ['SCRIPT', 'STYLE', 'NOSCRIPT', 'TEXTAREA'];
    if (at && !icon(at) && !unread.includes(at.tagName) && at.checkVisibility()) said.push(node.data);
  }
  for (const node of document.querySelectorAll('[aria-label],[title],[placeholder]')) {
    if (node.closest('svg') || node.closest('canvas') || icon(node) || !node.checkVisibility()) continue;
    for (const name of ['aria-label', 'title', 'placeholder']) said.push(node.getAttribute(name) || '');
  }
  return said;
}"""
WIDTH = """() => [document.documentElement.scrollWidth,
  document.querySelector('[data-testid=stMain]').scrollWidth]"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_stands_and_asks_nobody_else(visit: Visit, name: str, scheme: str) -> None:
    visitor = visit(scheme=scheme)
    page = visitor.open(f"/{name}")
    assert page.locator("h1").inner_text() == words("zh")(f"pages.{name}.title")
    page.wait_for_timeout(800)
    assert visitor.wrong == []


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_fits_a_phone(visit: Visit, name: str, language: str) -> None:
    visitor = visit(width=390, language=language)
    page = visitor.open(f"/{name}")
    page.wait_for_timeout(500)
    assert max(page.evaluate(WIDTH)) <= 390
    assert visitor.wrong == []


def settled(page: Page, read: Callable[[], set[str]], wanted: set[str]) -> set[str]:
    """What ``read`` finds once it is ``wanted``, or ten seconds later: a page is drawn piece by piece."""
    for _ in range(20):
        page.wait_for_timeout(500)
        if (found := read()) == wanted:
            break
    return found


@pytest.mark.parametrize("name", PAGES)
def test_a_chinese_page_says_nothing_in_english(visit: Visit, name: str) -> None:
    page = visit().open(f"/{name}")

    def english() -> set[str]:
        return {word for text in page.evaluate(READ) for word in LATIN.findall(text)} - SAME

    assert settled(page, english, set()) == set()


@pytest.mark.parametrize("name", PAGES)
def test_an_english_page_says_nothing_in_chinese(newcomer: Visit, name: str) -> None:
    page = newcomer(language="en").open(f"/{name}")

    def chinese() -> set[str]:
        return {text.strip() for text in page.evaluate(READ) if CHINESE.search(text)}

    own = {words("en")("ui.language_zh")}
    assert settled(page, chinese, own) == own


def test_the_bare_address_leads_to_the_overview_with_its_filters(visit: Visit) -> None:
    page = visit().open("/?days=7")
    page.wait_for_url("**/overview?days=7")
    assert page.locator("h1").inner_text() == words("zh")("pages.overview.title")


def test_the_language_stays_after_a_reload(visit: Visit) -> None:
    visitor = visit()
    page = visitor.open("/overview")
    page.locator(".st-key-language").get_by_text("English").click()
    page.get_by_role("heading", name="Overview").wait_for()
    visitor.settle()
    page.wait_for_timeout(300)
    visitor.open("/trends")
    assert page.locator("h1").inner_text() == "Trends"
    assert page.evaluate("document.documentElement.lang") == "en-US"


def test_the_theme_stays_after_a_reload(visit: Visit) -> None:
    visitor = visit()
    page = visitor.open("/overview")
    page.get_by_role("radio", name=words("zh")("ui.theme_dark")).click()
    page.wait_for_load_state()
    visitor.settle()
    visitor.open("/orders")
    dark = page.evaluate("getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor")
    assert dark == "rgb(16, 21, 31)"


def test_the_calendar_speaks_the_language_of_the_page(visit: Visit) -> None:
    visitor = visit(language="en")
    page = visitor.open("/overview?days=custom&from=2026-10-01&to=2026-10-31")
    page.locator(".st-key-language").get_by_text(words("en")("ui.language_zh")).click()
    page.get_by_role("heading", name=words("zh")("pages.overview.title")).wait_for()
    visitor.settle()
    page.locator(".st-key-filter_range button").last.click()
    page.wait_for_timeout(600)
    shown = page.locator("[role=dialog], [data-testid=stDateInputPopover]").last.inner_text()
    assert "October" not in shown
    assert "10" in shown
