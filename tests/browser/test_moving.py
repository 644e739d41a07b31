"""Moving about: filters travel in the address, Back brings them back, links lead to the rows."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import expect

from shopdata.words import words
from tests.browser.conftest import Visit

ZH = words("zh")


def test_filters_travel_from_page_to_page(visit: Visit) -> None:
    visitor = visit()
    page = visitor.open("/overview?days=7&source=live")
    page.get_by_role("link", name=ZH("nav.sources")).click()
    page.wait_for_url("**/sources?days=7&source=live")
    visitor.settle()
    page.get_by_role("link", name=ZH("nav.settings")).click()
    page.wait_for_url("**/settings?days=7&source=live")
    visitor.settle()
    page.get_by_role("link", name=ZH("nav.funnel")).click()
    page.wait_for_url("**/funnel?days=7&source=live")
    visitor.settle()
    assert page.locator("h1").inner_text() == ZH("pages.funnel.title")
    assert visitor.wrong == []


def test_back_brings_the_filters_back(visit: Visit) -> None:
    visitor = visit()
    page = visitor.open("/overview")
    row = page.locator(".st-key-filter_days")
    row.get_by_text(ZH("ui.filters.last_7"), exact=True).click()
    page.wait_for_url("**/overview?days=7")
    visitor.settle()
    row.get_by_text(ZH("ui.filters.last_90"), exact=True).click()
    page.wait_for_url("**/overview?days=90")
    visitor.settle()
    seven = page.locator("[data-testid=stMetricValue]").nth(1)
    many = seven.inner_text()
    page.go_back()
    page.wait_for_url("**/overview?days=7")
    visitor.settle()
    page.wait_for_timeout(500)
    assert seven.inner_text() != many
    page.go_back()
    page.wait_for_url("**/overview")
    assert visitor.wrong == []


def test_nonsense_in_an_address_does_no_harm(visit: Visit) -> None:
    visitor = visit()
    page = visitor.open("/orders?days=-3&shop=x&statuses=%3Cb%3E&amount_min=1e9&behind=..&time=never")
    assert page.locator("h1").inner_text() == ZH("pages.orders.title")
    assert page.locator("[data-testid=stException]").count() == 0
    assert visitor.wrong == []


def test_a_figure_leads_to_its_rows(visit: Visit) -> None:
    visitor = visit()
    page = visitor.open("/overview")
    page.locator(".st-key-about_refund_rate_1h button").click()
    page.get_by_role("link", name=ZH("ui.rows_behind")).last.click()
    page.wait_for_url("**/orders?behind=paid.refund_rate_1h")
    visitor.settle()
    page.locator(".st-key-order_behind").wait_for()
    assert ZH("metrics.refund_rate_1h.label") in page.locator(".st-key-order_behind").inner_text()
    assert visitor.wrong == []


def test_a_chart_has_a_table_and_a_download(visit: Visit) -> None:
    visitor = visit()
    page = visitor.open("/trends")
    page.locator(".st-key-about_panel_trend button").click()
    link = page.get_by_role("link", name=ZH("ui.download_csv"))
    link.wait_for()
    with page.expect_download() as fetched:
        link.click()
    text = Path(fetched.value.path()).read_text(encoding="utf-8-sig")
    assert ZH("metrics.paid_amount.label") in text.splitlines()[0]
    assert len(text.splitlines()) == 31
    assert visitor.wrong == []


def test_orders_can_be_paged_opened_marked_and_fetched(visit: Visit) -> None:
    visitor = visit()
    page = visitor.open("/orders?days=90")
    pager = page.locator(".st-key-order_pager")
    first = pager.inner_text()
    page.get_by_role("button", name=ZH("pages.orders.next")).click()
    expect(pager).not_to_have_text(first, use_inner_text=True, timeout=30_000)
    visitor.settle()
    visitor.tick("orders_")
    page.locator(".st-key-order_detail").wait_for()
    page.get_by_role("button", name=ZH("pages.orders.marks.priority")).click()
    page.locator("[class*=st-key-unmark_]").wait_for()
    page.locator(".st-key-orders_export button").click()
    link = page.get_by_role("link", name=ZH("ui.download_xlsx"))
    link.wait_for()
    with page.expect_download() as fetched:
        link.click()
    assert Path(fetched.value.path()).read_bytes().startswith(b"PK")
    assert fetched.value.suggested_filename.endswith(".xlsx")
    assert page.request.get(fetched.value.url).status == 410
    assert visitor.wrong == []
