"""The shared filters: what a URL means, what it never means, and what a page does with it."""

from __future__ import annotations

from datetime import date

import pytest

from pages.ui.filters import DEFAULT, Filters, decode, encode
from shopdata.scope import Scope
from shopdata.store import Store
from tests.pages.conftest import Run

LAST = date(2026, 11, 22)


@pytest.mark.parametrize(
    "filters",
    [
        DEFAULT,
        Filters(days="7", shop=2, platform="douyin", source="live", compare="year"),
        Filters(days="custom", start=date(2026, 10, 1), end=date(2026, 10, 31)),
        Filters(days="all", compare="none"),
    ],
)
def test_a_url_gives_back_what_was_put_in(filters: Filters) -> None:
    assert decode(encode(filters)) == filters


@pytest.mark.parametrize(
    "query",
    [
        {"days": "-1"},
        {"days": "custom"},
        {"days": "custom", "from": "2026-02-30", "to": "2026-03-01"},
        {"days": "custom", "from": "2026-03-02", "to": "2026-03-01"},
        {"shop": "1 or 1=1"},
        {"shop": "٣"},
        {"source": "<b>"},
        {"platform": "x" * 5000},
        {"compare": "tomorrow"},
    ],
)
def test_what_cannot_be_meant_is_the_default(query: dict[str, str]) -> None:
    assert decode(query) == DEFAULT


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        ("today", (LAST, LAST)),
        ("yesterday", (date(2026, 11, 21), date(2026, 11, 21))),
        ("7", (date(2026, 11, 16), LAST)),
        ("30", (date(2026, 10, 24), LAST)),
        ("all", (None, None)),
    ],
)
def test_a_preset_ends_on_the_last_day_of_the_data(
    days: str, expected: tuple[date | None, date | None]
) -> None:
    assert Filters(days=days).period(LAST) == expected


def test_a_shop_one_may_not_see_narrows_to_nothing() -> None:
    assert Filters(shop=3).scope(Scope(shops=(1, 2)), LAST).shops == ()
    assert Filters(shop=2).scope(Scope(shops=(1, 2)), LAST).shops == (2,)


def test_a_link_sets_the_widgets(run: Run, sample_store: Store) -> None:
    page = run(sample_store, "trends", days="7", source="live")
    assert page.session_state["filter_days"] == "7"
    assert page.session_state["filter_source"] == "live"
    assert page.query_params == {"days": "7", "source": "live"}


def test_a_choice_goes_into_the_url_and_defaults_leave_it(run: Run, sample_store: Store) -> None:
    page = run(sample_store, "trends")
    assert page.query_params == {}
    page.selectbox(key="filter_source").set_value("short_video").run()
    assert page.query_params == {"source": "short_video"}
    page.selectbox(key="filter_source").set_value("").run()
    assert page.query_params == {}


def test_a_page_keeps_its_own_choices_in_the_url(run: Run, sample_store: Store) -> None:
    page = run(sample_store, "trends", metric="pay_rate", grain="week", against=["week", "year"])
    assert not page.exception
    assert page.session_state["trends_metric"] == "pay_rate"
    assert page.session_state["trends_against"] == ["week", "year"]
    assert page.query_params == {"metric": "pay_rate", "grain": "week", "against": ["week", "year"]}


def test_a_buyer_never_stands_in_an_address(run: Run, sample_store: Store) -> None:
    page = run(sample_store, "orders")
    page.text_input(key="order_buyer").set_value("13800001234").run()
    page.text_input(key="order_product").set_value("x").run()
    assert page.query_params == {"product": "x"}
