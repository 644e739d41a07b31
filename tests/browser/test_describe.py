"""A file nobody knows, described in the browser until its figures stand."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from shopdata.words import words
from tests.browser.conftest import Visit, Visitor
from tests.imports import brazil
from tests.ingest.test_own_formats import GOOD

LONG = 90_000
MOST_CLICKS = 12
MOST_SECONDS = 60


class Clicker:
    """Counts what a person does with the mouse."""

    def __init__(self, visitor: Visitor) -> None:
        self.visitor, self.clicks = visitor, 0

    def click(self, selector: str) -> None:
        self.visitor.page.locator(selector).first.click()
        self.clicks += 1
        self.visitor.settle()

    def choose(self, key: str, text: str) -> None:
        """Open a list, type what is sought, take it."""
        page = self.visitor.page
        page.locator(f".st-key-{key} input").first.click()
        page.locator(f".st-key-{key} input").first.fill(text)
        page.get_by_role("option", name=text, exact=True).first.click()
        self.clicks += 2
        self.visitor.settle()


def dropped(visitor: Visitor, path: Path) -> Page:
    """Upload a file on the Import page and wait until it is looked at."""
    page = visitor.open("/import")
    page.wait_for_selector("input.f", state="attached")
    page.locator("input.f").set_input_files([str(path)])
    page.locator("[class*=st-key-look_]").first.wait_for(timeout=LONG)
    visitor.settle()
    return page


@pytest.fixture
def orders(tmp_path: Path) -> Path:
    path = tmp_path / "olist_orders.csv"
    path.write_text(brazil.csv_text(brazil.rows()), encoding="utf-8")
    return path


def test_a_foreign_file_becomes_figures_in_under_two_minutes(newcomer: Visit, orders: Path) -> None:
    visitor, zh = newcomer(), words("zh")
    page, hand, begun = dropped(visitor, orders), Clicker(visitor), time.monotonic()
    hand.click("[class*=st-key-describe_] button")
    page.get_by_text(zh("pages.describe.words_open", n=1)).wait_for()
    hand.choose("describe_word_status_0", zh("ui.statuses.closed"))
    hand.choose("describe_currency", "BRL")
    hand.choose("describe_zone", "America/Sao_Paulo")
    hand.click(".st-key-describe_try button")
    page.get_by_text(zh("pages.describe.tried", rows="2,000", accepted="2,000", rejected="0")).wait_for(
        timeout=LONG
    )
    hand.click(".st-key-describe_go button")
    page.get_by_text(zh("pages.import.history"), exact=True).wait_for(timeout=LONG)
    visitor.settle()
    assert hand.clicks <= MOST_CLICKS
    assert time.monotonic() - begun < MOST_SECONDS
    assert page.locator(".st-key-own_olist_orders").count() == 1
    told = page.request.get(f"{visitor.base}/api/v1/metrics").json()
    assert told["currency"] == "BRL"
    for key, value in brazil.figures(brazil.rows()).items():
        assert told["total"][key] == pytest.approx(value, abs=1e-6), key
    assert visitor.wrong == []


def test_a_second_file_of_the_kind_is_known_and_the_format_stays_while_used(
    newcomer: Visit, orders: Path
) -> None:
    visitor, zh = newcomer(), words("zh")
    page, hand = dropped(visitor, orders), Clicker(visitor)
    hand.click("[class*=st-key-describe_] button")
    hand.click(".st-key-describe_try button")
    page.locator(".st-key-describe_go button").wait_for(timeout=LONG)
    hand.click(".st-key-describe_go button")
    page.get_by_text(zh("pages.import.history"), exact=True).wait_for(timeout=LONG)
    visitor.settle()
    hand.click(".st-key-own_delete_olist_orders button")
    page.get_by_text("olist_orders").first.wait_for()
    assert page.get_by_text(zh("errors.format_in_use", name="olist_orders", imports=1)).count() == 1
    with page.expect_download() as fetched:
        page.locator(".st-key-own_olist_orders a").first.click()
    assert fetched.value.suggested_filename == "olist_orders.toml"
    text = fetched.value.path().read_text(encoding="utf-8")
    assert 'headers = ["customer_state"]' in text


def test_hostile_headers_and_words_are_only_text(newcomer: Visit, tmp_path: Path) -> None:
    evil = ["order_id", "**bold** [x](http://evil.test)", "<img src=x onerror=alert(1)>", ":material/home:"]
    path = tmp_path / "evil.csv"
    rows = [f"A{n},![i](http://evil.test/p.png),$x^2$,=1+1" for n in range(100, 140)]
    path.write_text("\n".join([",".join(evil), *rows]), encoding="utf-8")
    visitor = newcomer()
    page, hand = dropped(visitor, path), Clicker(visitor)
    hand.click("[class*=st-key-describe_] button")
    shown = page.locator(".st-key-describe")
    assert shown.locator("img, a[href*=evil], .katex").count() == 0
    assert "<img src=x onerror=alert(1)>" in shown.inner_text()
    assert visitor.wrong == []


def test_a_format_file_is_taken_in_where_files_are_dropped(newcomer: Visit, tmp_path: Path) -> None:
    path = tmp_path / "brazil.toml"
    path.write_text(GOOD, encoding="utf-8")
    visitor = newcomer(width=390)
    page, hand = dropped(visitor, path), Clicker(visitor)
    assert page.locator("[class*=st-key-describe_]").count() == 0
    hand.click("[class*=st-key-take_in_] button")
    page.locator(".st-key-own_brazil").wait_for()
    hand.click(".st-key-own_delete_brazil button")
    expect(page.locator(".st-key-own_brazil")).to_have_count(0)
    assert visitor.wrong == []
