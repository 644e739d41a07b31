"""The list of orders: every filter against plain Python, pages by key, totals of the selection."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest

from shopdata.errors import NotAllowed
from shopdata.orders.filters import OrderFilter
from shopdata.orders.query import SORTS, Cursor, Sort, order_page, order_totals
from shopdata.orders.rows import OrderRow
from shopdata.scope import Scope
from shopdata.store import Store
from tests.imports.conftest import Importer
from tests.imports.shop_files import Line, order_id
from tests.imports.shop_files import orders as order_file

pytestmark = pytest.mark.usefixtures("shop")
ALL = (1, 2, 3, 4, 5, 6, 50)


def found(store: Store, chosen: OrderFilter, scope: Scope | None = None) -> list[int]:
    """Test numbers of the orders of a selection, ascending."""
    return sorted(int(row.order_id[2:]) for row in order_page(store, scope or Scope(), chosen).rows)


CASES: Sequence[tuple[OrderFilter, tuple[int, ...]]] = (
    (OrderFilter(), ALL),
    (OrderFilter(order=order_id(3)), (3,)),
    (OrderFilter(order=f"{order_id(3)} {order_id(50)}"), (3, 50)),
    (OrderFilter(order="68" + f"{52:017d}"), (50,)),
    (OrderFilter(product="3609999999999999999"), (50,)),
    (OrderFilter(product="真丝"), (50,)),
    (OrderFilter(product="100%"), ()),
    (OrderFilter(sku="SKU-9"), (50,)),
    (OrderFilter(buyer="王小"), ALL),
    (OrderFilter(buyer="13912345678"), ALL),
    (OrderFilter(statuses=("unpaid", "closed")), (5, 6)),
    (OrderFilter(aftersales=("refunded",)), (2,)),
    (OrderFilter(aftersales=("merchant_pending",)), (3,)),
    (OrderFilter(aftersales=("none",)), (1, 4, 5, 6, 50)),
    (OrderFilter(aftersales=("none", "refunded")), (1, 2, 4, 5, 6, 50)),
    (OrderFilter(pay_methods=("抖音支付",)), (1, 2, 3, 4, 6, 50)),
    (OrderFilter(pay_methods=("unknown",)), (5,)),
    (OrderFilter(start=date(2026, 10, 3), end=date(2026, 10, 4)), (3, 4)),
    (OrderFilter(time="shipped", end=date(2026, 10, 2)), (1, 2)),
    (OrderFilter(time="signed", start=date(2026, 10, 1)), (1, 2, 50)),
    (OrderFilter(time="refunded", start=date(2026, 10, 1)), (2,)),
    (OrderFilter(amount_min=20_000, amount_max=20_000), (4, 50)),
    (OrderFilter(sources=("short_video",)), (2,)),
    (OrderFilter(sources=("product_card",)), (50,)),
    (OrderFilter(sources=("live",)), (1, 3, 4, 5, 6, 50)),
    (OrderFilter(influencer="777"), (2,)),
    (OrderFilter(influencer="小美"), (2,)),
    (OrderFilter(provinces=("510000",)), (3,)),
    (OrderFilter(provinces=("510000", "110000")), (3, 6)),
    (OrderFilter(cities=("510100",)), (3,)),
    (OrderFilter(couriers=("中通快递",)), (50,)),
    (OrderFilter(waybill="SF0000000000001"), (1,)),
    (OrderFilter(note="尽快"), (1,)),
    (OrderFilter(note="急单"), (4,)),
    (OrderFilter(flags=("红",)), (3,)),
    (OrderFilter(reason="不想要"), (6,)),
    (OrderFilter(reason="不喜欢"), (2, 3)),
    (OrderFilter(marks=("abnormal",)), ()),
    (OrderFilter(statuses=("completed",), sources=("live",)), (1, 50)),
)


@pytest.mark.parametrize(("chosen", "expected"), CASES, ids=lambda value: str(value)[:60])
def test_a_filter_finds_its_orders(chosen: OrderFilter, expected: tuple[int, ...], store: Store) -> None:
    assert found(store, chosen) == list(expected)
    assert order_totals(store, Scope(), chosen).orders == len(expected)


def test_the_scope_narrows_by_its_days_source_and_shops(store: Store) -> None:
    assert found(store, OrderFilter(), Scope(start=date(2026, 10, 6))) == [6, 50]
    assert found(store, OrderFilter(), Scope(start=date(2026, 10, 5), basis="paid")) == [50]
    assert found(store, OrderFilter(), Scope(sources=("short_video",))) == [2]
    assert found(store, OrderFilter(), Scope(shops=())) == []
    assert found(store, OrderFilter(), Scope(platforms=("taobao",))) == []


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("ascending", [True, False])
def test_pages_hold_every_order_once_in_order(sort: Sort, ascending: bool, store: Store) -> None:
    rows: list[OrderRow] = []
    after: Cursor | None = None
    while True:
        page = order_page(store, Scope(), OrderFilter(), sort=sort, ascending=ascending, after=after, limit=2)
        rows += page.rows
        if (after := page.next) is None:
            break
    assert sorted(int(row.order_id[2:]) for row in rows) == list(ALL)
    whole = order_page(store, Scope(), OrderFilter(), sort=sort, ascending=ascending).rows
    assert [row.order_id for row in rows] == [row.order_id for row in whole]
    key = {"placed": "placed_at", "paid": "paid_at", "shipped": "shipped_at", "refund": "refund_amount"}
    values = [getattr(row, key.get(sort, "units")) for row in whole] if sort != "amount" else []
    known = [value for value in values if value is not None]
    assert known == sorted(known, reverse=not ascending)
    assert values[len(known) :] == [None] * (len(values) - len(known))


def test_the_totals_count_an_order_once_and_only_paid_money(store: Store) -> None:
    totals = order_totals(store, Scope(), OrderFilter())
    assert (totals.orders, totals.orders_paid, totals.units) == (7, 5, 10)
    assert totals.paid_amount == (100 + 100 + 100 + 200 + 200) * 100
    assert (totals.refund_amount, totals.currency) == (10_000, "CNY")


def test_a_row_says_what_its_files_say(store: Store) -> None:
    (row,) = order_page(store, Scope(), OrderFilter(order=order_id(2))).rows
    assert (row.shop, row.status, row.status_raw) == ("云裳集", "completed", "已完成")
    assert (row.paid_amount, row.refund_amount, row.units) == (10_000, 10_000, 1)
    assert (row.source, row.influencer_name, row.products) == ("short_video", "小美穿搭", ("羊毛围巾",))
    assert (row.courier, row.waybill) == ("顺丰速运", "SF0000000000002")
    assert (row.refunded, row.aftersales, row.province) == (True, ("refunded",), "440000")
    (unpaid,) = order_page(store, Scope(), OrderFilter(order=order_id(5))).rows
    assert (unpaid.paid_amount, unpaid.payable_amount) == (None, 99_900)


def test_buyers_are_masked_by_role(store: Store) -> None:
    def row(role: str) -> OrderRow:
        return order_page(store, Scope(role=role), OrderFilter(order=order_id(2))).rows[0]

    assert (row("owner").receiver, row("owner").phone) == ("王小明", "13912345678")
    assert (row("operator").receiver, row("operator").phone) == ("王***", "139****5678")
    assert (row("after_sales").receiver, row("after_sales").phone) == ("王小明", "13912345678")


def test_roles_see_their_part(store: Store) -> None:
    assert found(store, OrderFilter(), Scope(role="after_sales")) == [2, 3]
    assert found(store, OrderFilter(), Scope(role="shipping")) == [4]
    (row,) = order_page(store, Scope(role="shipping"), OrderFilter()).rows
    assert (row.paid_amount, row.payable_amount, row.refund_amount) == (None, None, None)
    assert order_totals(store, Scope(role="shipping"), OrderFilter()).paid_amount is None
    for role in ("viewer", "nobody"):
        with pytest.raises(NotAllowed):
            order_page(store, Scope(role=role), OrderFilter())


def test_two_currencies_are_never_added(bring: Importer, store: Store, tmp_path: Path) -> None:
    from sqlalchemy import update

    from shopdata.store.tables import orders

    bring(order_file(tmp_path / "b.csv", [Line(900)]), shop="海外店")
    with store.write() as connection:
        connection.execute(update(orders).where(orders.c.order_id == order_id(900)).values(currency="USD"))
    totals = order_totals(store, Scope(), OrderFilter())
    assert (totals.orders, totals.paid_amount, totals.refund_amount, totals.currency) == (8, None, None, None)
