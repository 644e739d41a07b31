"""Suspicions about buyers: at the limit, not below it, and never with who they are."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from shopdata.abnormal.limits import A_DAY, BUDGET, set_limit
from shopdata.scope import Scope
from shopdata.store import Store
from shopdata.store.abnormal_tables import abnormal_hits, note_shop
from shopdata.store.tables import imports, orders
from tests.abnormal.cases import aftersale_cells, file
from tests.abnormal.conftest import NOW, Bring, found
from tests.abnormal.test_history import orders_file, unpaid
from tests.imports.shop_files import AFTERSALE_HEADERS, order_id

HOUSE = {"收件人": "王小明", "收件人手机号": "13912345678", "详细地址": "体育西路1号", "订单完成时间": ""}


def placed(hours: float) -> str:
    return (NOW - timedelta(hours=hours)).isoformat(" ", "seconds")


def days_ago(days: float) -> str:
    return placed(24 * days)


@pytest.mark.parametrize(("apart", "fires"), [(6.99, True), (7.01, False)])
def test_the_third_unpaid_order_of_an_address_within_a_week(
    store: Store, tmp_path: Path, bring: Bring, apart: float, fires: bool
) -> None:
    ages = (apart, 3, 0)
    bring(
        orders_file(
            tmp_path, "a.csv", *((n, unpaid(days_ago(age), **HOUSE)) for n, age in enumerate(ages, 1))
        )
    )
    flagged = [flag.order_id for flag in found(store, "unpaid_repeat")]
    assert flagged == ([order_id(3)] if fires else [])


@pytest.mark.parametrize(
    ("people", "address", "fires"),
    [(5, "体育西路1号", True), (4, "体育西路1号", False), (5, "菜鸟驿站", False), (5, "体育西路*号", False)],
)
def test_five_receivers_at_one_address(
    store: Store, tmp_path: Path, bring: Bring, people: int, address: str, fires: bool
) -> None:
    def row(n: int) -> dict[str, str]:
        times = {
            "订单提交时间": placed(n),
            "支付完成时间": placed(n - 0.5),
            "发货时间": "",
            "订单完成时间": "",
        }
        return {"收件人": f"买家{n}", "详细地址": address, "订单状态": "待发货", "承诺发货时间": "", **times}

    rows = [(n, row(n)) for n in range(1, people + 1)]
    bring(orders_file(tmp_path, "a.csv", *rows))
    assert [flag.order_id for flag in found(store, "address_cluster")] == ([order_id(1)] if fires else [])


@pytest.fixture
def bought(store: Store, tmp_path: Path, bring: Bring) -> Store:
    """Ten orders of one buyer and twenty of others; no hit is below the budget."""
    rows = [(n, {"订单提交时间": placed(n), "支付完成时间": placed(n - 0.5)}) for n in range(1, 31)]
    bring(orders_file(tmp_path, "a.csv", *rows))
    set_limit(store, Scope(), 1, BUDGET, A_DAY.name, 1_000)
    return store


def change(store: Store, numbers: range, **values: object) -> None:
    with store.write() as connection:
        for number in numbers:
            mine = orders.c.order_id == order_id(number)
            told = {name: value if value != "each" else f"b{number}" for name, value in values.items()}
            connection.execute(update(orders).where(mine).values(**told))
        connection.execute(update(imports).values(columns='["buyer_id", "paid_at", "paid_amount"]'))
        note_shop(connection, connection.scalar(select(imports.c.shop_id)) or 0)


@pytest.mark.parametrize(("n", "flagged"), [(10, [order_id(1)]), (9, [])])
def test_the_tenth_order_within_a_week(bought: Store, n: int, flagged: list[str]) -> None:
    change(bought, range(1, 31), buyer_id="each")
    change(bought, range(1, n + 1), buyer_id="secret-buyer")
    assert [flag.order_id for flag in found(bought, "buyer_frequent")] == flagged


def test_where_many_buy_often_only_the_rarest_is_flagged(bought: Store) -> None:
    """One of a thousand buyers has more than ten: between the eleven of one and the twelve of another."""
    change(bought, range(1, 31), buyer_id="each")
    change(bought, range(1, 13), buyer_id="one")
    change(bought, range(13, 24), buyer_id="other")
    flags = found(bought, "buyer_frequent")
    assert [(flag.order_id, flag.measure) for flag in flags] == [(order_id(1), 12)]
    assert 11 < (flags[0].limit or 0) < 12


@pytest.mark.parametrize(("days", "fires"), [(7.0, True), (7.01, False)])
def test_ten_orders_count_within_a_week(bought: Store, days: float, fires: bool) -> None:
    change(bought, range(1, 31), buyer_id="each")
    change(bought, range(1, 11), buyer_id="secret-buyer")
    change(bought, range(10, 11), placed_at=NOW - timedelta(hours=1, days=days))
    assert [flag.order_id for flag in found(bought, "buyer_frequent")] == ([order_id(1)] if fires else [])


@pytest.mark.parametrize(("refunds", "fires"), [(3, True), (2, False)])
def test_a_buyer_who_often_gets_refunds(bought: Store, refunds: int, fires: bool) -> None:
    change(bought, range(1, 31), buyer_id="each", is_refunded=False)
    change(bought, range(1, 4), buyer_id="secret-buyer")
    change(bought, range(1, refunds + 1), is_refunded=True, refund_amount=10_000)
    flags = found(bought, "buyer_refunds_often", past=True)
    assert [flag.measure for flag in flags] == ([3] if fires else [])
    with bought.read() as connection:
        assert "secret-buyer" not in str(connection.execute(select(abnormal_hits)).all())


@pytest.mark.parametrize(
    ("refunds", "kind", "hours", "fires"),
    [(3, "仅退款", 1, True), (2, "仅退款", 1, False), (3, "退货退款", 1, False), (3, "仅退款", -1, False)],
)
def test_a_refund_only_after_signing_for_a_buyer_with_many(
    bought: Store, tmp_path: Path, bring: Bring, refunds: int, kind: str, hours: float, fires: bool
) -> None:
    """``hours`` from signing to the claim of the fifth order."""
    open_case = {"售后状态": "待商家处理", "商家退款时间": "-", "售后完结时间": "-"}
    claim = aftersale_cells(5, {"售后申请时间": placed(2), "售后类型": kind, **open_case})
    bring(file(tmp_path / "c.csv", AFTERSALE_HEADERS, [claim]))
    change(bought, range(1, 31), buyer_id="each", is_refunded=False)
    change(bought, range(1, 6), buyer_id="secret-buyer")
    change(bought, range(1, refunds + 1), is_refunded=True, refund_amount=10_000)
    change(bought, range(5, 6), signed_at=NOW - timedelta(hours=2 + hours))
    assert [flag.order_id for flag in found(bought, "malicious_claim")] == ([order_id(5)] if fires else [])


def test_the_clock_of_these_tests_is_fixed(store: Store) -> None:
    assert store.settings.now() == NOW == datetime(2026, 11, 2, 12)
