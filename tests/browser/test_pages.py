"""Every page in a real browser: it stands, fits, keeps to itself, and speaks one language."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache

import pytest
from playwright.sync_api import Browser, Page

from pages.ui.frame import NAMES as PAGES
from shopdata.words import words
from tests.browser.conftest import NOW, Visit, Visitor, visiting
from tests.serving import Server, serving

DESK, PHONE = 1280, 390
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


LIGHT, DARK = ("zh", "light"), ("en", "dark")
# In the second dress first the pages that are drawn in other ways than the rest.
DARK_FIRST = ("overview", "abnormal", "import", "logistics", "orders", "settings")
EVERY = [
    pytest.param(
        *dress,
        name,
        id=f"{'-'.join(dress)}-{name}",
        marks=() if dress == LIGHT or name in DARK_FIRST else pytest.mark.faults,
    )
    for dress in (LIGHT, DARK)
    for name in PAGES
]


@pytest.fixture(scope="module")
def reading(browser: Browser, shop: Server) -> Iterator[Callable[[str, str], Visitor]]:
    """By language and theme: a visitor of the server with the sample who goes from page to page."""
    with visiting(browser, shop) as enter:

        @cache
        def reader(language: str, scheme: str) -> Visitor:
            visitor = enter(language=language, scheme=scheme)
            visitor.open("/settings")
            return visitor

        yield reader


@pytest.fixture(scope="module")
def reading_nothing(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visitor]:
    """An English visitor of a server without any data who goes from page to page."""
    home = tmp_path_factory.mktemp("nothing") / "home"
    with serving(home, SHOPDATA_NOW=NOW) as running, visiting(browser, running) as enter:
        visitor = enter(language="en")
        visitor.open("/settings")
        yield visitor


def settled(page: Page, read: Callable[[], set[str]], wanted: set[str]) -> set[str]:
    """What ``read`` finds once it is ``wanted``, or ten seconds later: a page is drawn piece by piece."""
    for _ in range(20):
        page.wait_for_timeout(500)
        if (found := read()) == wanted:
            break
    return found


def english(page: Page) -> set[str]:
    """Words that can be read on a page and are of no Chinese one."""
    return {word for text in page.evaluate(READ) for word in LATIN.findall(text)} - SAME


def chinese(page: Page) -> set[str]:
    """Texts with Chinese in them that can be read on a page."""
    return {text.strip() for text in page.evaluate(READ) if CHINESE.search(text)}


def stands(visitor: Visitor, name: str, language: str) -> None:
    """It has its title, and nothing went wrong until everything it asks for has come."""
    assert visitor.page.locator("h1").inner_text() == words(language)(f"pages.{name}.title")
    visitor.page.wait_for_timeout(800)
    assert visitor.wrong == []


def fits_a_phone(visitor: Visitor) -> None:
    visitor.page.wait_for_timeout(500)
    assert max(visitor.page.evaluate(WIDTH)) <= PHONE
    assert visitor.wrong == []


@pytest.mark.parametrize(("language", "scheme", "name"), EVERY)
def test_a_page_stands_speaks_one_language_asks_nobody_else_and_fits_a_phone(
    reading: Callable[[str, str], Visitor], language: str, scheme: str, name: str
) -> None:
    visitor = reading(language, scheme)
    visitor.page.set_viewport_size({"width": DESK, "height": 900})
    page = visitor.turn_to(name)
    stands(visitor, name, language)
    if language == "zh":
        assert settled(page, lambda: english(page), set()) == set()
    page.set_viewport_size({"width": PHONE, "height": 900})
    visitor.settle()
    fits_a_phone(visitor)


@pytest.mark.parametrize("name", PAGES)
def test_an_english_page_says_nothing_in_chinese(reading_nothing: Visitor, name: str) -> None:
    page = reading_nothing.turn_to(name)
    own = {words("en")("ui.language_zh")}
    assert settled(page, lambda: chinese(page), own) == own


@pytest.mark.faults
@pytest.mark.parametrize(("language", "scheme"), [("zh", "dark"), ("en", "light")])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_stands_in_the_other_dress(visit: Visit, name: str, language: str, scheme: str) -> None:
    visitor = visit(language=language, scheme=scheme)
    visitor.open(f"/{name}")
    stands(visitor, name, language)


@pytest.mark.faults
@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_opened_on_a_phone_fits_it(visit: Visit, name: str, language: str) -> None:
    visitor = visit(width=PHONE, language=language)
    visitor.open(f"/{name}")
    fits_a_phone(visitor)


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
