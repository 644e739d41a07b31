"""Bulk actions on the page of orders: who is offered which, and what a pasted list is answered with."""

from __future__ import annotations

from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from shopdata.orders.filters import OrderFilter
from shopdata.orders.query import order_page
from shopdata.scope import Scope
from shopdata.store import Store
from shopdata.web import identity
from shopdata.words import words
from tests.pages.conftest import Run

ZH = words("zh")


@pytest.fixture
def opened(run: Run, sample_store: Store) -> AppTest:
    page = run(sample_store, "orders", days="all")
    page.session_state["order_actions"] = True
    return page.run()


def test_a_pasted_list_is_checked_line_by_line(opened: AppTest, sample_store: Store) -> None:
    waiting = order_page(sample_store, Scope(), OrderFilter(statuses=("paid",)), limit=200).rows
    one = next(row for row in waiting if not row.open_aftersale and not row.refunded)
    text = f"{one.order_id}\t小店自送\tZS20261122001\n6900000000000000000\t小店自送\tZS20261122002"
    page = opened.text_area(key="ship_text").set_value(text).run()
    assert not page.exception
    assert any("1 行可以发货，1 行有问题" in said.value for said in page.markdown)


def test_a_list_without_lines_to_read_is_answered_with_a_sentence(opened: AppTest) -> None:
    page = opened.text_area(key="ship_text").set_value("订单号\t快递公司\t运单号").run()
    assert [said.value for said in page.error]
    assert not page.exception


def test_reminders_say_how_many_can_still_pay(opened: AppTest) -> None:
    page = opened.segmented_control(key="order_action").set_value("remind").run()
    assert not page.exception
    assert any("还能付款的待支付订单" in said.value for said in page.markdown)


@pytest.mark.parametrize(("role", "offered"), [("shipping", True), ("after_sales", False), ("viewer", False)])
def test_the_roles_that_take_orders_away_are_offered_it(
    run: Run, sample_store: Store, role: str, offered: bool
) -> None:
    page = run(sample_store, "orders", who=replace(identity.LOCAL, role=role), days="all")
    assert (ZH("pages.order_actions.title") in {one.label for one in page.expander}) is offered
