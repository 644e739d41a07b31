"""The map of the page Logistics in a real browser: drawn from this server alone, a click opens a province."""

from __future__ import annotations

from urllib.parse import unquote

from shopdata.words import words
from tests.browser.conftest import Visit

MAP = "[class*=st-key-figure_logistics_map] .choroplethlayer path"


def test_the_map_is_drawn_offline_and_a_click_opens_a_province(visit: Visit) -> None:
    visitor = visit()
    page = visitor.open("/logistics?days=all")
    page.wait_for_selector(MAP)
    drawn = page.locator(MAP).evaluate_all(
        "all => all.map(one => one.getBBox().width * one.getBBox().height)"
    )
    assert len(drawn) == 2 * 34  # the country, and the box of its south
    assert max(drawn[:34]) < 0.25 * 700 * 460  # no reversed ring fills the frame
    page.locator(MAP).nth(33).click(force=True)
    page.wait_for_url("**province=*")
    visitor.settle()
    page.wait_for_selector(MAP)
    assert visitor.wrong == []


def test_the_orders_of_a_city_are_a_click_away(visit: Visit) -> None:
    visitor = visit()
    page = visitor.open("/logistics?days=all&province=440000&city=440300")
    page.locator(".st-key-logistics_place").get_by_text(words("zh")("pages.logistics.orders")).click()
    page.wait_for_url("**/orders?*")
    visitor.settle()
    address = unquote(page.url)
    assert "provinces=440000" in address
    assert "cities=440300" in address
    assert "behind=paid.ship_to_sign_hours_p50" in address
    assert visitor.wrong == []
