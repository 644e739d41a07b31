"""Taobao's order and item reports of the same orders: money from one, goods from the other, counted once."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from shopdata.imports.run import import_paths
from shopdata.ingest.client import Parser
from shopdata.metrics.table import metric_table
from shopdata.orders.export import export_orders
from shopdata.orders.filters import OrderFilter
from shopdata.scope import Scope
from shopdata.store import Store, doctor, open_store
from shopdata.store.tables import orders
from tests.imports.conftest import Importer, settings_in
from tests.imports.contents import contents
from tests.ingest.taobao import CPS, LINES_2025, LINES_OLD, LIST_2017, item, number, old_csv, sheet, whole

UNPAID = {"订单状态": "等待买家付款", "订单付款时间": "", "物流单号": ""}
# Three sweaters at 239 and a scarf at 59 for 201.12 and 10 of freight; one order not paid; one without items.
ORDERS = (
    whole(1, 宝贝总数量="4"),
    whole(2, 宝贝总数量="1", **UNPAID),
    whole(3, 买家会员名="buyer_1", 订单付款时间="2026-11-03 10:00:30", 订单创建时间="2026-11-03 10:00:00"),
)
SWEATERS = item(1, 0, 购买数量="3")
SCARF = item(1, 1) | {"标题": "围巾", "商品标题": "围巾", "价格": "59.00", "商品价格": "59.00"}
SCARF |= {"商家编码": "B-2", "商品ID": "521234567899"}
ITEMS = (SWEATERS, SCARF, item(2, 0, 订单状态="等待买家付款", 订单付款时间=""))
# 211.12 by price × quantity: 717 of 776 and 59 of 776.
SWEATERS_PAID, SCARF_PAID = 19507, 1605


def write(path: Path, headers: Sequence[str], rows: Sequence[dict[str, str]], extra: str = "") -> Path:
    path.write_bytes(old_csv(headers, rows, extra=extra))
    return path


def list_file(
    folder: Path, rows: Sequence[dict[str, str]] = ORDERS, name: str = "ExportOrderList202611101200.csv"
) -> Path:
    return write(folder / name, LIST_2017, rows)


def old_items(folder: Path, rows: Sequence[dict[str, str]] = ITEMS) -> Path:
    return write(folder / "ExportOrderDetailList202611101200.csv", LINES_OLD, rows, ",")


def order(store: Store, place: int) -> Any:
    with store.read() as connection:
        return connection.execute(select(orders).where(orders.c.order_id == number(place))).one()


def by(store: Store, dimension: str, *keys: str) -> dict[str, tuple[Any, ...]]:
    table = metric_table(store, Scope(), by=dimension, keys=keys)
    return {row.key: tuple(row.values[key] for key in keys) for row in table.rows}


@pytest.mark.parametrize("turn", [(0, 1), (1, 0)], ids=["money first", "items first"])
def test_money_is_the_order_report_s_and_goods_are_the_item_report_s(
    turn: tuple[int, ...], bring: Importer, store: Store, tmp_path: Path
) -> None:
    files = [list_file(tmp_path), old_items(tmp_path)]
    results = bring(*(files[place] for place in turn))
    assert [(one.status, one.rejected, one.shop) for one in results] == [("imported", 0, "淘宝店")] * 2
    first, unpaid, alone = (order(store, place) for place in (1, 2, 3))
    assert (first.paid_amount, first.payable_amount, first.freight_amount) == (21112, 21112, 1000)
    assert (first.lines, first.units, first.is_paid, first.status) == (2, 4, True, "shipped")
    assert (first.buyer_id, first.province, first.waybill) == ("buyer_1", "330000", "VB37896852141")
    assert (unpaid.is_paid, unpaid.paid_amount, unpaid.units) == (False, 21112, 1)
    assert (alone.paid_amount, alone.lines, alone.units) == (21112, 1, 3)
    keys = ("orders_placed", "orders_paid", "paid_amount", "units_paid")
    total = metric_table(store, Scope(), keys=keys).total
    assert tuple(total[key] for key in keys) == (3, 2, 42224, 7)
    assert by(store, "sku", *keys) == {
        "A-1": (2, 1, SWEATERS_PAID, 3),
        "B-2": (1, 1, SCARF_PAID, 1),
        "unknown": (1, 1, 21112, 3),
    }
    assert SWEATERS_PAID + SCARF_PAID == 21112
    freight = by(store, "sku", "freight_amount")
    assert (
        sum(row[0] for row in freight.values())
        == metric_table(store, Scope(), keys=["freight_amount"]).total["freight_amount"]
    )
    assert by(store, "source", "paid_amount") == {"unknown": (42224,)}
    assert doctor(store).ok


def test_items_that_carry_paid_money_are_of_record_and_freight_stays_the_order_s(
    bring: Importer, store: Store, tmp_path: Path
) -> None:
    items = write(
        tmp_path / "items.csv",
        LINES_2025,
        [
            SWEATERS | {"买家实付金额": "190.00", "买家应付货款": "180.00"},
            SCARF | {"买家实付金额": "21.12", "买家应付货款": "21.12"},
        ],
    )
    bring(list_file(tmp_path), items)
    first = order(store, 1)
    assert (first.paid_amount, first.payable_amount, first.freight_amount) == (21112, 21112, 1000)
    paid = by(store, "product", "paid_amount", "payable_amount", "freight_amount")
    assert paid["521234567890"][0] == 19000
    assert paid["521234567899"][0] == 2112
    assert sum(row[1] for row in paid.values()) == 3 * 21112
    assert sum(row[2] for row in paid.values()) == 3000
    assert doctor(store).ok


FILES = 4


def _pieces(folder: Path) -> list[Path]:
    """A first order report, a later one with newer states, items, and a part of the later one again."""
    folder.mkdir()
    later = [
        ORDERS[0] | {"订单状态": "交易成功"},
        ORDERS[1] | {"订单状态": "交易关闭", "订单关闭原因": "买家未付款"},
        ORDERS[2]
        | {"订单状态": "交易关闭", "订单关闭原因": "退款", "退款金额": "211.12", "买家实际支付金额": "0.00"},
    ]
    return [
        list_file(folder),
        list_file(folder, later, "ExportOrderList202611111200.csv"),
        old_items(folder),
        list_file(folder, later[2:], "ExportOrderList202611121200.csv"),
    ]


@pytest.mark.parametrize("every", [9, pytest.param(1, marks=pytest.mark.faults)])
def test_any_order_of_the_files_and_repeats_give_the_same_store(
    every: int, tmp_path: Path, parser: Parser
) -> None:
    files = _pieces(tmp_path / "files")
    expected = None
    for place, turn in enumerate(list(permutations(range(FILES)))[::every]):
        with open_store(settings_in(tmp_path / f"home-{place}")) as store:
            for at in (*turn, turn[0]):
                import_paths(store, [files[at]], parser=parser)
            found = contents(store)
            assert doctor(store).ok
        expected = expected or found
        assert found["orders"] == expected["orders"], turn
        assert found["order_lines"] == expected["order_lines"], turn


def _read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def test_an_export_holds_the_money_by_order_and_by_item(
    bring: Importer, store: Store, tmp_path: Path
) -> None:
    bring(list_file(tmp_path), old_items(tmp_path))
    export_orders(store, Scope(), OrderFilter(), tmp_path / "orders.csv", grain="orders", reveal=True)
    rows = {row["订单编号"]: row for row in _read(tmp_path / "orders.csv")}
    first = rows[number(1)]
    assert (first["实付金额"], first["件数"]) == ("211.12", "4")
    assert set(first["商品"].split("; ")) == {"毛衣", "围巾"}
    assert (first["收件人"], first["商家备注"]) == ("张三", "急")
    export_orders(store, Scope(), OrderFilter(), tmp_path / "lines.csv", reveal=True)
    lines = _read(tmp_path / "lines.csv")
    paid = {(row["订单编号"], row["商家编码"]): row["买家实付金额"] for row in lines}
    assert paid == {
        (number(1), "A-1"): "195.07",
        (number(1), "B-2"): "16.05",
        (number(2), "A-1"): "",
        (number(3), ""): "211.12",
    }


def test_an_export_of_order_rows_read_back_changes_nothing(
    bring: Importer, store: Store, tmp_path: Path
) -> None:
    bring(list_file(tmp_path))
    before = contents(store)
    export_orders(store, Scope(), OrderFilter(), tmp_path / "again.csv", reveal=True)
    (result,) = bring(tmp_path / "again.csv")
    assert (result.status, result.format, result.rejected, result.new) == ("imported", "taobao_orders", 0, 0)
    assert contents(store)["orders"] == before["orders"]


def test_an_export_of_items_read_back_changes_no_figure(
    bring: Importer, store: Store, tmp_path: Path
) -> None:
    bring(list_file(tmp_path), old_items(tmp_path))
    keys = ("orders_placed", "orders_paid", "paid_amount", "units_paid", "freight_amount")
    before = by(store, "sku", *keys)
    export_orders(store, Scope(), OrderFilter(), tmp_path / "again.csv", reveal=True)
    (result,) = bring(tmp_path / "again.csv")
    assert (result.status, result.format, result.rejected) == ("imported", "taobao_lines", 0)
    assert by(store, "sku", *keys) == before


def test_buyers_are_told_by_their_taobao_name(bring: Importer, store: Store, tmp_path: Path) -> None:
    more = whole(4, 订单创建时间="2026-11-02 10:00:00", 订单付款时间="2026-11-02 10:00:30")
    bring(list_file(tmp_path, [*ORDERS, more]), old_items(tmp_path))
    keys = ("buyers", "new_buyers", "repeat_rate", "amount_per_buyer")
    total = metric_table(store, Scope(), keys=keys).total
    # buyer_1 paid twice, buyer_4 once; buyer_2 never.
    assert (total["buyers"], total["new_buyers"]) == (2, 2)
    assert total["repeat_rate"] == pytest.approx(1 / 2)
    assert total["amount_per_buyer"] == pytest.approx(3 * 21112 / 2)


def test_alliance_commissions_find_their_order_by_either_form(
    bring: Importer, store: Store, tmp_path: Path
) -> None:
    base = {
        "佣金": "10.00",
        "服务费金额": "2.00",
        "佣金比例": "5%",
        "淘客结算时间": "2026-11-03 00:10:00",
        "实际成交价格": "200",
    }
    rows = [
        base | {"淘宝子订单编号": number(3), "来源或淘客昵称": "小美", "团长名称": "大团长"},
        base | {"淘宝子订单编号": str(int(number(1)) + 1), "来源或淘客昵称": "小美", "团长名称": "大团长"},
    ]
    path = tmp_path / "CPS.csv"
    path.write_text("\n".join(",".join(cells) for cells in sheet(CPS, rows)), encoding="utf-8")
    bring(path, list_file(tmp_path), write(tmp_path / "items.csv", LINES_2025, ITEMS))
    keys = ("commission_settled", "commission_settled_influencer", "commission_settled_leader")
    total = metric_table(store, Scope(), keys=keys).total
    assert tuple(total[key] for key in keys) == (2400, 2000, 400)
    assert by(store, "sku", "commission_settled") == {"B-2": (1200,), "unknown": (1200,)}


def test_alliance_commissions_of_items_no_report_names_hang_on_their_order(
    bring: Importer, store: Store, tmp_path: Path
) -> None:
    row = {
        "佣金": "10.00",
        "服务费金额": "2.00",
        "淘客结算时间": "2026-11-03 00:10:00",
        "淘宝父订单编号": number(1),
        "淘宝子订单编号": str(int(number(1)) + 1),
        "来源或淘客昵称": "小美",
        "团长名称": "大团长",
    }
    path = tmp_path / "CPS.csv"
    path.write_text("\n".join(",".join(cells) for cells in sheet(CPS, [row])), encoding="utf-8")
    bring(path, list_file(tmp_path))
    of_order = order(store, 1)
    assert by(store, "province", "commission_settled")[of_order.province] == (1200,)
    day = of_order.placed_at.date()
    keys = ("commission_settled_influencer", "commission_settled_leader")
    total = metric_table(store, Scope(start=day, end=day), keys=keys).total
    assert tuple(total[key] for key in keys) == (1000, 200)
