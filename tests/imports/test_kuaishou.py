"""A Kuaishou shop from its files to its figures, worked out by hand."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from shopdata.imports.run import import_paths
from shopdata.imports.undo import undo
from shopdata.ingest.client import Parser
from shopdata.metrics.table import metric_table
from shopdata.scope import Scope
from shopdata.store import Store, open_store
from tests.imports.conftest import settings_in
from tests.ingest.kuaishou import aftersale, order

TIME = "发货/揽收/末条中转/派件/待取件/签收时间"


def write(path: Path, rows: Sequence[Mapping[str, str]]) -> Path:
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def shipped(number: int, **cells: str) -> dict[str, str]:
    return order(number, 快递单号=f"7654321098{number:04}", **cells)


def signed(number: int, at: str) -> dict[str, str]:
    return {"订单编号": order(number)["订单号"], "物流单号": f"7654321098{number:04}", TIME: at}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    settings = replace(settings_in(tmp_path / "home"), fixed_now=datetime(2026, 11, 20, 12))
    with open_store(settings) as opened:
        yield opened


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """Two orders shipped (one by a collecting warehouse), one closed unpaid, one refunded."""
    gone = {"订单状态": "交易关闭", "发货时间": "", "快递单号": ""}
    orders = [
        shipped(0),
        shipped(1, 集运类型="新疆集运"),
        order(2, **gone, 订单支付时间=""),
        order(3, **gone, 售后状态="退款成功", 渠道="自营", 订单载体="商品卡"),
    ]
    parcels = [signed(0, "2026/11/04 09:00:00"), signed(1, "2026/11/03 09:00:00")]
    return [
        write(tmp_path / "orders.csv", orders),
        write(tmp_path / "aftersales.csv", [aftersale(3, 售后类型="仅退款", 订单状态="待发货")]),
        write(tmp_path / "已签收.csv", parcels),
    ]


def test_its_figures_are_those_worked_out_by_hand(store: Store, parser: Parser, files: list[Path]) -> None:
    results = import_paths(store, files, parser=parser)
    assert [one.status for one in results] == ["imported"] * 3
    assert {one.shop for one in results} == {"快手小店"}
    total = metric_table(store, Scope()).total
    assert (total["orders_placed"], total["orders_paid"], total["orders_unpaid_closed"]) == (4, 3, 1)
    assert total["paid_amount"] == 3 * 129_990
    assert total["payable_amount"] == 4 * 131_000
    assert total["refund_amount"] == 129_990
    assert total["commission_estimated"] == 3 * 38_997
    # Shipped 2 November 9:00, signed 4 November 9:00; the parcel in transit tells nothing.
    assert (total["orders_signed"], total["ship_to_sign_hours_n"]) == (1, 1)
    assert total["ship_to_sign_hours_mean"] == 48
    assert total["orders_transit"] == 1


def test_undoing_the_orders_takes_their_parcels_and_commissions(
    store: Store, parser: Parser, files: list[Path]
) -> None:
    result, *_ = import_paths(store, files[:1], parser=parser)
    undo(store, result.import_id or 0, "local", parser=parser)
    total = metric_table(store, Scope()).total
    assert (total["orders_placed"], total["commission_estimated"]) in ((0, None), (0, 0), (None, None))
