"""A real headless Chromium before a real server."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from weakref import WeakKeyDictionary

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page, sync_playwright

from pages.ui.frame import HIDDEN
from sample_data.make import load_plan
from scripts.environment import find_browser
from tests.serving import Server, serving

NOW = "2026-11-22T22:30:00"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DONE = "[data-testid=stApp][data-test-script-state=notRunning]"
# Streamlit looks for its own base path when a page is loaded directly: two 404s and no others.
KNOWN = "/_stcore/health", "/_stcore/host-config"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here needs a browser; without one the tests fail in CI and are skipped elsewhere."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)
            if find_browser() is None and os.environ.get("CI") != "true":
                item.add_marker(pytest.mark.skip(reason="install Chromium or Google Chrome to run this"))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = find_browser()
    assert path, "no Chromium installed"
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield opened
        opened.close()


@dataclass(slots=True)
class Visitor:
    """A person at a browser, and everything that went wrong before their eyes."""

    page: Page
    base: str
    wrong: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", lambda said: self._said(said.type, said.text))
        self.page.on("pageerror", lambda fault: self.wrong.append(str(fault)))
        self.page.on("response", lambda answer: self._answered(answer.status, answer.url))
        self.page.on("request", lambda asked: self._asked(asked.url))

    def _said(self, kind: str, text: str) -> None:
        if kind == "error" and "404 (Not Found)" not in text:
            self.wrong.append(text)

    def _answered(self, status: int, url: str) -> None:
        if status >= 400 and not (status == 404 and url.endswith(KNOWN)):
            self.wrong.append(f"{status} {url}")

    def _asked(self, url: str) -> None:
        if not url.startswith((self.base, "data:", "blob:", self.base.replace("http", "ws"))):
            self.wrong.append(f"asked outside: {url}")

    def open(self, path: str) -> Page:
        """Load an address and wait until the page stands."""
        self.page.goto(f"{self.base}{path}")
        self.settle()
        self.page.wait_for_selector("h1")
        return self.page

    def turn_to(self, name: str) -> Page:
        """Go to another page by its link in the navigation and wait until it stands, nothing wrong so far."""
        if name in HIDDEN:
            return self.open(f"/{name}")
        self.wrong.clear()
        self.page.locator(f"[data-testid=stSidebar] a[href^='{name}']").first.click()
        self.page.wait_for_url(f"**/{name}*")
        self.settle()
        return self.page

    def settle(self) -> None:
        """Wait until the script has ended, and has not begun again at once."""
        self.page.wait_for_timeout(400)
        self.page.wait_for_selector(DONE, timeout=60_000)
        self.page.wait_for_timeout(250)
        self.page.wait_for_selector(DONE, timeout=60_000)

    def tick(self, table: str, row: int = 0) -> None:
        """Choose a row of a table (drawn on a canvas) by the box at its beginning."""
        grid = self.page.locator(f"[class*=st-key-table_{table}] .dvn-scroller").first
        grid.click(position={"x": 16, "y": 36 + 33 * row + 16})
        self.settle()

    def text(self) -> str:
        """What can be read on the page."""
        return self.page.locator("body").inner_text()


Visit = Callable[..., Visitor]


Dress = tuple[str, str]
# Contexts nobody uses, emptied: what they have loaded of Streamlit's own code need not be loaded again.
IDLE: WeakKeyDictionary[Browser, dict[Dress, list[BrowserContext]]] = WeakKeyDictionary()


@contextmanager
def visiting(browser: Browser, server: Server) -> Iterator[Visit]:
    """New visitors of a server."""
    idle = IDLE.setdefault(browser, {})
    used: list[tuple[Dress, BrowserContext]] = []

    def enter(*, width: int = 1280, language: str = "zh", scheme: str = "light") -> Visitor:
        dress = (language, scheme)
        free = idle.get(dress, [])
        context = free.pop() if free else _new_context(browser, dress)
        used.append((dress, context))
        page = context.new_page()
        page.set_viewport_size({"width": width, "height": 900})
        return Visitor(page, f"http://127.0.0.1:{server.port}")

    yield enter
    for dress, context in used:
        if _emptied(context):
            idle.setdefault(dress, []).append(context)


def _new_context(browser: Browser, dress: Dress) -> BrowserContext:
    language, scheme = dress
    return browser.new_context(
        locale="zh-CN" if language == "zh" else "en-US",
        color_scheme="dark" if scheme == "dark" else "light",
        accept_downloads=True,
    )


def _emptied(context: BrowserContext) -> bool:
    """Forget everything a visitor left behind; false where the context is closed."""
    try:
        for page in context.pages:
            page.evaluate("() => { localStorage.clear(); sessionStorage.clear(); }")
            page.close()
        context.clear_cookies()
    except Error:
        with suppress(Error):
            context.close()
        return False
    return True


@pytest.fixture(scope="session")
def sample_files(sample: Path) -> tuple[tuple[Path, str], ...]:
    """The sample's files with the shop of each."""
    return load_plan(sample)


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory, sample_home: Path) -> Iterator[Server]:
    """A server with the sample; nobody changes its figures."""
    home = tmp_path_factory.mktemp("browser") / "home"
    shutil.copytree(sample_home, home)
    with serving(home, SHOPDATA_NOW=NOW) as running:
        yield running


@pytest.fixture
def visit(browser: Browser, shop: Server) -> Iterator[Visit]:
    """A new visitor of the server with the sample: ``visit(width=390, language="en")``."""
    with visiting(browser, shop) as enter:
        yield enter


@pytest.fixture
def empty_shop(tmp_path: Path) -> Iterator[Server]:
    """A server of its own without any data."""
    with serving(tmp_path / "home", SHOPDATA_NOW=NOW) as running:
        yield running


@pytest.fixture
def newcomer(browser: Browser, empty_shop: Server) -> Iterator[Visit]:
    """A new visitor of the empty server."""
    with visiting(browser, empty_shop) as enter:
        yield enter
