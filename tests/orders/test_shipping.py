"""Lists of waybills: read as pasted, checked line by line, written as a platform's back end takes them."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import fastexcel
import openpyxl
import pytest
from sqlalchemy import select

from shopdata.errors import BadUsage, NotAllowed, Refused
from shopdata.imports.workbooks import rows_of_workbook
from shopdata.orders.filters import OrderFilter
from shopdata.orders.shipping_checks import Shipment, check
from shopdata.orders.shipping_file import export_shipping, export_to_fill
from shopdata.orders.shipping_list import Listed, is_workbook, read_list, read_rows, text_of
from shopdata.platforms.couriers import waybill_lengths
from shopdata.scope import Scope
from shopdata.store import Store
from shopdata.store.tables import audit
from shopdata.words import LANGUAGES, words
from tests.imports.conftest import Importer
from tests.imports.shop_files import Line, aftersales, line_id, order_id, orders, parcels

SF, YT = "顺丰速运", "圆通速递"
SHIPPER = Scope(role="shipping", user="wang")
WAITING = "待发货"


def to(receiver: str) -> tuple[tuple[str, str], ...]:
    return (("收件人", receiver), ("收件人手机号", "13800000001"), ("详细地址", f"{receiver}家"))


LINES = (
    Line(1, WAITING, more=to("甲")),
    Line(2, WAITING, more=to("乙")),
    Line(3, WAITING, more=to("甲")),
    Line(4, "已发货", more=to("丙")),
    Line(5, "待支付", more=to("丁")),
    Line(6, WAITING, more=to("戊")),
    Line(71, WAITING, order=7, more=to("己")),
    Line(72, WAITING, order=7, more=to("己")),
)


@pytest.fixture
def shop(store: Store, tmp_path: Path, bring: Importer) -> Store:
    """Orders to be shipped, shipped, unpaid, being refunded, and of two lines; one waybill in use."""
    bring(orders(tmp_path / "o.csv", LINES), shop="店")
    bring(aftersales(tmp_path / "a.csv", [LINES[5]], status="待商家处理"), shop="店")
    bring(parcels(tmp_path / "p.csv", [LINES[3]]), shop="店")
    return store


def said(store: Store, *rows: tuple[str, str, str]) -> list[str]:
    text = "\n".join("\t".join(row) for row in rows)
    return [one.code for one in check(store, Scope(), read_list(text)).problems]


def test_a_pasted_list_is_read_by_its_headings() -> None:
    first, second = "1\tSF1234567890123\t顺丰\t6900001", "2\t'YT123456789012\t圆通\t6900002"
    text = f"序号\t物流单号\t快递公司\t订单编号\n{first}\n\n{second}\n"
    assert read_list(text) == (
        Listed(2, "6900001", "顺丰", "SF1234567890123"),
        Listed(4, "6900002", "圆通", "YT123456789012"),
    )


@pytest.mark.parametrize(
    "text",
    [
        "6900001,顺丰,SF1234567890123",
        "6900001，顺丰，SF1234567890123",
        "6900001 顺丰 SF1234567890123",
        '"6900001"\t"顺丰"\t"SF1234567890123"',
    ],
)
def test_without_headings_it_is_order_courier_waybill(text: str) -> None:
    assert read_list(text) == (Listed(1, "6900001", "顺丰", "SF1234567890123"),)


def test_order_and_waybill_are_enough_where_the_courier_is_given() -> None:
    assert read_list("6900001 SF1234567890123", "顺丰") == (Listed(1, "6900001", "顺丰", "SF1234567890123"),)


def test_an_uploaded_list_is_text_in_either_encoding_or_refused() -> None:
    assert text_of("订单,快递".encode("gb18030")) == text_of("订单,快递".encode("utf-8-sig")) == "订单,快递"
    for held in (b"PK\x03\x04\0\0", b"x" * (3 << 20), b"\xff\xff\xff"):
        with pytest.raises(BadUsage):
            text_of(held)
    for text in ("", "\n".join(["6900001,顺丰,SF1234567890123"] * 5_001)):
        with pytest.raises(BadUsage):
            read_list(text)


def test_what_can_be_shipped_is_shipped(shop: Store) -> None:
    text = f"{order_id(1)},{SF},SF1000000000001\n{line_id(72)},{SF},SF1000000000002"
    found = check(shop, SHIPPER, read_list(text))
    assert found.problems == ()
    assert found.shipments == (
        Shipment(1, 1, "douyin", order_id(1), None, SF, "SF1000000000001"),
        Shipment(2, 1, "douyin", order_id(7), line_id(72), SF, "SF1000000000002"),
    )


@pytest.mark.parametrize(
    ("number", "courier", "waybill", "code"),
    [
        (order_id(99), SF, "SF1000000000001", "order_unknown"),
        (order_id(4), SF, "SF1000000000001", "not_to_ship"),
        (order_id(5), SF, "SF1000000000001", "not_to_ship"),
        (order_id(6), SF, "SF1000000000001", "refunding"),
        (order_id(1), SF, "SF10000000001", "shape"),
        (order_id(1), YT, "YT10000000000001", "shape"),
        (order_id(1), "自送", "12?", "shape"),
        (order_id(1), "", "SF1000000000001", "no_courier"),
        (order_id(99), SF, "", "columns"),
        ("6.92E+18", SF, "SF1000000000001", "rounded"),
    ],
)
def test_a_line_that_cannot_be_shipped_says_why(
    shop: Store, number: str, courier: str, waybill: str, code: str
) -> None:
    assert said(shop, (number, courier, waybill)) == [code]
    for language in LANGUAGES:
        (one,) = check(shop, Scope(), read_list(f"{number}\t{courier}\t{waybill}")).problems
        assert "1" in one.sentence(words(language))


def test_a_known_order_without_a_waybill_is_counted_and_no_problem(shop: Store) -> None:
    found = check(shop, SHIPPER, read_list(f"{order_id(1)}\t\t\n{order_id(2)}\t{SF}\tSF1000000000001"))
    assert [one.order_id for one in found.shipments] == [order_id(2)]
    assert (found.problems, found.unfilled) == ((), 1)


def test_of_a_part_shipped_order_the_rest_can_be_shipped(
    store: Store, tmp_path: Path, bring: Importer
) -> None:
    lines = (Line(81, "已发货", order=8, more=to("庚")), Line(82, WAITING, order=8, more=to("庚")))
    bring(orders(tmp_path / "part.csv", lines), shop="店")
    for number, codes in ((order_id(8), []), (line_id(82), []), (line_id(81), ["not_to_ship"])):
        assert said(store, (number, SF, "SF1000000000001")) == codes
    listed = read_list(f"{line_id(81)}\t{SF}\tSF1000000000001")
    (problem,) = check(store, Scope(), listed).problems
    assert problem.details["status"] == "shipped"


def test_a_courier_the_table_does_not_know_is_not_judged_by_length(shop: Store) -> None:
    assert said(shop, (order_id(1), "小店自送", "ZS12345678")) == []


def test_one_waybill_may_be_shared_by_one_receiver_only(shop: Store) -> None:
    one = "SF1000000000001"
    assert said(shop, (order_id(1), SF, one), (order_id(3), SF, one)) == []
    assert said(shop, (order_id(1), SF, one), (order_id(2), SF, one)) == ["shared", "shared"]


def test_a_waybill_on_another_receivers_order_in_the_store_is_refused(shop: Store) -> None:
    assert said(shop, (order_id(1), SF, f"SF{4:013d}")) == ["shared"]


def test_the_second_line_of_an_order_is_refused(shop: Store) -> None:
    rows = (order_id(1), SF, "SF1000000000001"), (order_id(1), SF, "SF1000000000002")
    assert said(shop, *rows) == ["twice"]


def test_two_shops_with_the_same_order_number_must_be_told_apart(
    shop: Store, tmp_path: Path, bring: Importer
) -> None:
    bring(orders(tmp_path / "other.csv", [Line(1, WAITING, more=(("选购商品", "另一件"),))]), shop="另一店")
    row = (order_id(1), SF, "SF1000000000001")
    assert said(shop, row) == ["several_shops"]
    listed = read_list("\t".join(row))
    assert len(check(shop, Scope(shops=(1,)), listed).shipments) == 1


def test_the_file_has_the_platforms_headings_and_only_what_can_be_shipped(
    shop: Store, tmp_path: Path
) -> None:
    text = f"{order_id(1)},{SF},SF1000000000001\n{order_id(4)},{SF},SF1000000000003"
    path = tmp_path / "ship.csv"
    assert export_shipping(shop, SHIPPER, read_list(text), "douyin", path) == 1
    with path.open(encoding="utf-8-sig") as stream:
        rows = list(csv.reader(stream))
    assert rows == [["订单编号", "快递公司", "运单号"], [order_id(1), SF, "SF1000000000001"]]
    with shop.read() as connection:
        query = select(audit.c.user, audit.c.role, audit.c.detail).where(audit.c.action == "export")
        user, role, detail = connection.execute(query).one()
    assert (user, role) == ("wang", "shipping")
    assert json.loads(detail) == {"what": "shipping", "platform": "douyin", "rows": 1}


def test_lines_of_orders_get_their_column_and_numbers_stay_text(shop: Store, tmp_path: Path) -> None:
    text = f"{line_id(71)},{SF},SF1000000000001\n{line_id(72)},{SF},SF1000000000002"
    path = tmp_path / "ship.xlsx"
    assert export_shipping(shop, Scope(), read_list(text), "douyin", path) == 2
    sheet = fastexcel.read_excel(path).load_sheet(0).to_arrow()
    assert sheet.column_names == ["订单编号", "子订单编号", "快递公司", "运单号"]
    assert sheet.column(1).to_pylist() == [line_id(71), line_id(72)]


def test_other_headings_take_their_place_if_there_are_as_many(shop: Store, tmp_path: Path) -> None:
    listed, path = read_list(f"{order_id(1)},{SF},SF1000000000001"), tmp_path / "ship.csv"
    export_shipping(shop, Scope(), listed, "douyin", path, headings=("订单号", " 承运商 ", "面单号"))
    assert path.read_text(encoding="utf-8-sig").splitlines()[0] == '"订单号","承运商","面单号"'
    for headings in (("订单号", "面单号"), ("订单号", "", "面单号")):
        with pytest.raises(BadUsage):
            export_shipping(shop, Scope(), listed, "douyin", path, headings=headings)


def test_the_chosen_orders_to_ship_are_listed_to_be_filled_in(shop: Store, tmp_path: Path) -> None:
    path = tmp_path / "fill.csv"
    assert export_to_fill(shop, SHIPPER, OrderFilter(buyer="甲"), "douyin", path) == 2
    assert export_to_fill(shop, SHIPPER, OrderFilter(), "douyin", path) == 4
    text = path.read_text(encoding="utf-8-sig")
    assert {row["订单编号"] for row in csv.DictReader(text.splitlines())} == {
        order_id(number) for number in (1, 2, 3, 7)
    }
    filled = text.replace(',"",""', f',"{SF}","SF1000000000001"').replace(",,", f",{SF},SF1000000000001")
    assert {one.courier for one in read_list(filled)} == {SF}


@pytest.mark.parametrize("role", ["viewer", "after_sales"])
def test_other_roles_make_no_shipping_file(shop: Store, tmp_path: Path, role: str) -> None:
    listed = read_list(f"{order_id(1)},{SF},SF1000000000001")
    with pytest.raises(NotAllowed):
        export_shipping(shop, Scope(role=role), listed, "douyin", tmp_path / "ship.csv")


def test_nothing_to_ship_is_no_file(shop: Store, tmp_path: Path) -> None:
    listed = read_list(f"{order_id(4)},{SF},SF1000000000001")
    with pytest.raises(BadUsage):
        export_shipping(shop, Scope(), listed, "douyin", tmp_path / "ship.csv")
    with pytest.raises(BadUsage):
        export_shipping(shop, Scope(), listed, "douyin", tmp_path / "ship.txt")


def test_the_workbook_to_fill_in_is_read_back_once_it_is_filled_in(shop: Store, tmp_path: Path) -> None:
    path = tmp_path / "fill.xlsx"
    export_to_fill(shop, SHIPPER, OrderFilter(), "douyin", path)
    book = openpyxl.load_workbook(path)
    sheet = book.active
    headings = [cell.value for cell in sheet[1]]
    wanted = {}
    for row in range(2, sheet.max_row + 1):
        number = sheet.cell(row, headings.index("订单编号") + 1).value
        wanted[row] = Listed(row, number, "顺丰速运", f"SF{row:013}")
        sheet.cell(row, headings.index("快递公司") + 1, "顺丰速运")
        sheet.cell(row, headings.index("运单号") + 1, f"SF{row:013}")
    book.save(path)
    held = path.read_bytes()
    assert is_workbook(held)
    assert wanted
    assert {one.line: one for one in read_rows(rows_of_workbook(shop, held, 5_000))} == wanted


def test_a_number_cell_that_may_have_lost_digits_is_told(shop: Store, tmp_path: Path) -> None:
    path = tmp_path / "list.xlsx"
    book = openpyxl.Workbook()
    for row in (
        ("运单号", "订单编号", "快递公司"),
        (773_123_456_789_012_345, order_id(1), YT),
        (77_312_345_678_901, order_id(2), YT),
    ):
        book.active.append(row)
    book.save(path)
    listed = read_rows(rows_of_workbook(shop, path.read_bytes(), 5_000))
    assert [one.waybill for one in listed] == ["7.73123E+17", "77312345678901"]
    assert next((one.line, one.code) for one in check(shop, Scope(), listed).problems) == (2, "rounded")


def test_a_workbook_without_a_table_is_refused(shop: Store, tmp_path: Path) -> None:
    path = tmp_path / "list.xlsx"
    openpyxl.Workbook().save(path)
    with pytest.raises(Refused):
        rows_of_workbook(shop, path.read_bytes(), 5_000)


def test_the_shapes_are_those_of_the_rule() -> None:
    assert (("顺丰",), (12, 14, 15)) in waybill_lengths()
