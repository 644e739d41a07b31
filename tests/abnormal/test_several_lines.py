"""Orders of several lines of which one was refunded: the others are still owed, and keep their rules."""

from __future__ import annotations

from pathlib import Path

import pytest

from shopdata.store import Store
from tests.abnormal.cases import (
    MORE_AFTERSALE_HEADERS,
    MORE_ORDER_HEADERS,
    Cells,
    aftersale_cells,
    at,
    file,
    order_cells,
    parcel_cells,
    shipped,
    waiting,
)
from tests.abnormal.conftest import Bring, found
from tests.imports.shop_files import AFTERSALE_HEADERS, ORDER_HEADERS, PARCEL_HEADERS, order_id

CLOSED = {"订单状态": "已关闭", "发货时间": "", "订单完成时间": "", "售后状态": "退款成功"}


def brought(
    folder: Path, bring: Bring, first: Cells, second: Cells, case: Cells, parcel: Cells | None = None
) -> None:
    """One order of two lines of 100 yuan, and an after-sale of the second."""
    lines = [
        order_cells(1, first),
        order_cells(2, first | second | {"主订单编号": order_id(1), "收件人": "买家1", "详细地址": "1号"}),
    ]
    cases = [aftersale_cells(2, {"订单号": order_id(1), **case})]
    files = [
        file(folder / "orders.csv", (*ORDER_HEADERS, *MORE_ORDER_HEADERS), lines),
        file(folder / "aftersales.csv", (*AFTERSALE_HEADERS, *MORE_AFTERSALE_HEADERS), cases),
    ]
    if parcel:
        files.append(file(folder / "parcels.csv", PARCEL_HEADERS, [parcel_cells(1, parcel)]))
    bring(*files)


def refunded(applied: float, back: float) -> Cells:
    times = {"售后申请时间": at(applied), "商家退款时间": at(back), "售后完结时间": at(back)}
    return {"售后类型": "未发货仅退款", **times}


@pytest.mark.parametrize(("yuan", "rules"), [("100.00", {"ship_overdue"}), ("200.00", set())])
def test_the_other_line_still_has_to_be_shipped(
    store: Store, bring: Bring, tmp_path: Path, yuan: str, rules: set[str]
) -> None:
    waits = dict(waiting(-80, -5).order)
    brought(tmp_path, bring, waits, CLOSED, refunded(-70, -60) | {"退商品金额（元）": yuan})
    assert {flag.rule for flag in found(store)} & {"ship_overdue"} == rules


def test_the_parcel_of_the_other_line_is_still_watched(store: Store, bring: Bring, tmp_path: Path) -> None:
    on_its_way = shipped(-200, 揽件时间=at(-190))
    assert on_its_way.parcel
    brought(tmp_path, bring, on_its_way.order, CLOSED, refunded(-202, -201), on_its_way.parcel)
    assert "tracking_stale" in {flag.rule for flag in found(store)}


@pytest.mark.parametrize(("sent", "rules"), [("", set()), (at(-5), {"refunded_but_shipped"})])
def test_a_parcel_of_the_other_line_is_not_to_be_intercepted(
    store: Store, bring: Bring, tmp_path: Path, sent: str, rules: set[str]
) -> None:
    case = {"售后申请时间": at(-6), "商家退款时间": "-", "售后完结时间": "-", "售后状态": "待商家处理"}
    second = {
        **CLOSED,
        "发货时间": sent,
        "售后状态": "待商家处理",
        "订单状态": "待发货" if not sent else "已发货",
    }
    brought(tmp_path, bring, shipped(-5).order, second, {"售后类型": "未发货仅退款", **case})
    assert {flag.rule for flag in found(store)} & {"refunded_but_shipped"} == rules
