"""Whatever stands in a file stays text on every page: no element comes to life, nobody outside is asked."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from pages.ui.frame import NAMES
from shopdata.imports.run import import_paths
from shopdata.settings import Settings
from shopdata.store import open_store
from tests.browser.conftest import NOW, Visit, Visitor, visiting
from tests.serving import serving

OUTSIDE = "evil.example"
STRINGS = (
    f"<img src=https://{OUTSIDE}/a.png onerror=alert(1)>",
    "<script>window.hit=1</script>",
    f"![x](https://{OUTSIDE}/b.png)",
    f"[click](https://{OUTSIDE})",
    f"https://{OUTSIDE}/c",
    f"www.{OUTSIDE}",
    f"a@{OUTSIDE}",
    "**bold** and _italic_",
    "$x^2$ and $$y$$",
    ":material/home: :red[hot] :smile:",
    "# heading",
    "<b>fat</b><i>thin</i>",
    "`code` ~~gone~~",
    "|a|b|",
    "- item",
    "<svg onload=alert(1)>",
    "javascript:alert(1)",
)
QUERIES = {"trends": "?split=shop", "orders": "?days=all"}
PAGES = tuple(f"{name}{QUERIES.get(name, '')}" for name in NAMES)
LIVE = f"""() => [
  ...document.querySelectorAll('img[src*="{OUTSIDE}"], a[href*="{OUTSIDE}"], a[href^="javascript:"],'
    + ' a[href^="mailto:"], [onerror], [onload], .katex, mark'),
].map((node) => node.outerHTML).concat(window.hit ? ['script ran'] : [])"""
CHANGED = ("选购商品", "商品规格", "商家编码", "商家备注", "达人昵称", "收件人", "取消原因")


@pytest.fixture(scope="module")
def dirty(
    browser: Browser, sample_files: tuple[tuple[Path, str], ...], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Visit]:
    """A server over a shop whose name, products, people and file names are all markup."""
    folder = tmp_path_factory.mktemp("dirty")
    home = folder / "home"
    whole = next(path for path, _ in sample_files if path.suffix == ".csv")
    with whole.open(encoding="utf-8-sig", newline="") as stream:
        headers, *rows = list(csv.reader(stream))
    places = [headers.index(name) for name in CHANGED if name in headers]
    assert places
    for number, row in enumerate(rows):
        for shift, place in enumerate(places):
            row[place] = STRINGS[(number + shift) % len(STRINGS)]
    path = folder / f"![x](https:{OUTSIDE}) **b** <i>x<i>.csv".replace("/", "")
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        csv.writer(stream).writerows([headers, *rows])
    store = open_store(Settings(home, f"duckdb:///{home}/shopdata.duckdb"))
    (result,) = import_paths(store, [path], shop=f"**shop** <b>x</b> ![x](https://{OUTSIDE}/s.png)")
    store.close()
    assert result.accepted
    with serving(home, SHOPDATA_NOW=NOW) as running, visiting(browser, running) as enter:
        yield enter


@pytest.fixture(scope="module")
def reading(dirty: Visit) -> Visitor:
    """A visitor who goes from page to page."""
    visitor = dirty()
    visitor.open("/settings")
    return visitor


@pytest.mark.parametrize("path", PAGES)
def test_text_of_files_stays_text(reading: Visitor, path: str) -> None:
    visitor, page = reading, reading.open(f"/{path}") if "?" in path else reading.turn_to(path)
    page.wait_for_timeout(800)
    assert page.evaluate(LIVE) == []
    assert page.locator("[data-testid=stException]").count() == 0
    assert visitor.wrong == []


def test_one_order_whole_stays_text(dirty: Visit) -> None:
    visitor = dirty()
    page = visitor.open("/orders?days=all")
    visitor.tick("orders_")
    page.locator(".st-key-order_detail").wait_for()
    assert page.evaluate(LIVE) == []
    assert visitor.wrong == []


def test_the_look_at_an_import_stays_text(dirty: Visit) -> None:
    visitor = dirty()
    page = visitor.open("/import")
    visitor.tick("history_")
    page.locator(".st-key-import_chosen").wait_for()
    assert OUTSIDE in page.locator(".st-key-import_chosen").inner_text().replace("\u2060", "")
    assert page.evaluate(LIVE) == []
    assert visitor.wrong == []
