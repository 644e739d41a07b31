"""The custom export (goods amount, waybills in the row) and the export by main order."""

from datetime import datetime

import pytest

from tests.ingest.support import NOW, Files, order, without


def custom(number: int = 0, **cells: str) -> dict[str, str]:
    """A row of the custom export: a goods amount instead of a unit price, and the parcel in the row."""
    row = without(order(number), "商品单价") | {
        "商品金额": "100.00",
        "快递信息": "-",
        "优惠总金额": "0.00",
        "订单应付金额": "100.00",
    }
    return row | cells


def test_a_goods_amount_that_makes_the_total_by_quantity_is_a_unit_price(files: Files) -> None:
    rows = [custom(n, 商品数量="3", 订单应付金额="290.00", 优惠总金额="10.00") for n in range(5)]
    read = files.read(*rows, custom(9))
    assert read.column("unit_price") == [10000] * 6
    assert read.found("goods_unit") == (5, 5)


def test_a_goods_amount_that_makes_the_total_alone_is_shared_out(files: Files) -> None:
    rows = [custom(n, 商品数量="4", 订单应付金额="90.00", 优惠总金额="10.00") for n in range(5)]
    read = files.read(*rows, custom(8, 商品数量="3"), custom(9))
    assert read.column("unit_price") == [2500] * 5 + [None, 10000]
    assert read.found("goods_line") == (6, 6)


def test_a_goods_amount_nothing_explains_is_no_price_of_several(files: Files) -> None:
    read = files.read(custom(1, 商品数量="3", 订单应付金额="55.00"), custom(2))
    assert read.column("unit_price") == [None, 10000]
    assert read.found("goods_unclear") == (0, 1)


def test_the_freight_may_be_inside_the_payable_amount(files: Files) -> None:
    read = files.read(custom(1, 商品数量="2", 订单应付金额="206.00", 运费="6.00"))
    assert read.column("unit_price") == [10000]
    assert read.found("goods_unit") == (1, 1)


@pytest.mark.parametrize(
    ("cell", "parcels"),
    [
        ("SF0220481613112-顺丰速运,夏季连衣裙", [("SF0220481613112", "顺丰速运")]),
        (
            "SF0220481613112-顺丰速运,裙子;YT8812345678901-圆通速递,衣服",
            [("SF0220481613112", "顺丰速运"), ("YT8812345678901", "圆通速递")],
        ),
        ("75312345678901-中通快递", [("75312345678901", "中通快递")]),
        ("SF0220481613112-顺丰速运,商品A-(A01),A12345678-红色款", [("SF0220481613112", "顺丰速运")]),
        ("\tSF0220481613112-顺丰速运,裙子", [("SF0220481613112", "顺丰速运")]),
        ("-", []),
        ("", []),
    ],
)
def test_parcels_in_the_row_become_parcels(files: Files, cell: str, parcels: list[tuple[str, str]]) -> None:
    read = files.read(custom(快递信息=cell))
    assert [(row["waybill"], row["courier"]) for row in read.rows("parcels")] == parcels
    row = read.rows("order_lines")[0]
    assert (row["waybill"], row["courier"]) == (parcels[0] if parcels else (None, None))
    for parcel in read.rows("parcels"):
        assert parcel["order_id"] == row["order_id"]
        assert parcel["shipped_at"] == row["shipped_at"] == parcel["event_at"]


def test_one_parcel_of_several_lines_is_one_parcel(files: Files) -> None:
    main = order()["主订单编号"]
    rows = [custom(n, 主订单编号=main, 快递信息="SF0220481613112-顺丰速运") for n in range(3)]
    read = files.read(*rows)
    assert read.counts == (3, 3, 0)
    assert len(read.rows("parcels")) == 1


def by_main(number: int = 0, **cells: str) -> dict[str, str]:
    """A row of the export by main order, with two sub orders."""
    main = int(order(number)["主订单编号"])
    row = {
        "主订单编号": str(main),
        "子订单编号": f"{main};{main + 1}",
        "选购商品": "商品A-(A01);商品B-(B02)",
        "商品ID": "3571234567890123456;3571234567890123457",
        "商家编码": "A01;B02",
        "商品数量": "3",
        "商品金额": "100.00",
        "订单应付金额": "90.00",
        "商家收入金额": "88.00",
        "订单提交时间": "2026-11-01 10:00:00",
        "订单状态": "已完成",
        "支付方式": "抖音支付",
    }
    return row | cells


def test_joined_sub_orders_make_one_row_a_main_order(files: Files) -> None:
    single = {
        "子订单编号": "6917926768823649999",
        "选购商品": "商品A",
        "商品ID": "3571234567890123456",
        "商家编码": "A01",
        "商品数量": "1",
    }
    read = files.read(by_main(0, **single), by_main(1))
    assert read.parsed.format == "douyin_orders_by_main"
    assert read.counts == (2, 2, 0)
    one, two = read.rows()
    assert (one["grain"], one["line_id"]) == ("order", one["order_id"])
    assert (one["product_id"], one["product_name"], one["sku_code"]) == (
        "3571234567890123456",
        "商品A",
        "A01",
    )
    assert (two["product_id"], two["product_name"], two["sku_code"]) == (None, None, None)
    assert (two["quantity"], two["paid_amount"], two["status"]) == (3, 9000, "completed")
    assert read.column("paid_by_status") == [True, True]
    assert read.found("one_row_a_main_order") == (1, 2)


def test_unique_order_numbers_without_sub_orders_are_main_orders(files: Files) -> None:
    rows = [
        without(by_main(n, 商品ID="3571234567890123456", 选购商品="商品A", 商家编码="A01"), "子订单编号")
        for n in range(4)
    ]
    read = files.read(*rows)
    assert read.parsed.format == "douyin_orders_by_main"
    assert read.column("product_name") == ["商品A"] * 4


def test_repeated_order_numbers_without_sub_orders_are_lines(files: Files) -> None:
    rows = [without(order(0), "子订单编号"), without(order(0, 商品ID="3571234567890123999"), "子订单编号")]
    assert files.read(*rows).parsed.format == "douyin_orders"


def test_joined_goods_make_main_orders_even_when_a_row_comes_twice(files: Files) -> None:
    rows = [
        without(by_main(0), "子订单编号"),
        without(by_main(0), "子订单编号"),
        without(by_main(1), "子订单编号"),
    ]
    read = files.read(*rows)
    assert read.parsed.format == "douyin_orders_by_main"
    assert (read.counts, read.parsed.repeats) == ((3, 3, 0), 1)


def test_a_wish_for_a_format_is_followed_where_the_columns_allow(files: Files) -> None:
    read = files.read(*(without(order(n), "子订单编号") for n in range(3)), format_key="douyin_orders")
    assert read.parsed.format == "douyin_orders"
    assert len(set(read.column("line_id"))) == 3


@pytest.mark.parametrize(
    ("column", "value", "code"),
    [
        ("主订单编号", "6.92E+18", "id_precision_lost"),
        ("主订单编号", "", "id_missing"),
        ("主订单编号", "-", "id_missing"),
        ("子订单编号", "未知", "id_invalid"),
        ("子订单编号", "69179267688236 43752", "id_invalid"),
        ("商品ID", "3.57E+18", "id_precision_lost"),
        ("订单应付金额", "1.005", "amount_invalid"),
        ("订单应付金额", "NaN", "amount_invalid"),
        ("订单应付金额", "1e309", "amount_invalid"),
        ("订单应付金额", "-1.00", "amount_negative"),
        ("商品数量", "0", "quantity_invalid"),
        ("商品数量", "1.5", "quantity_invalid"),
        ("商品数量", "-2", "quantity_invalid"),
        ("订单提交时间", "昨天", "time_invalid"),
        ("订单提交时间", "2026-02-30 00:00:00", "time_invalid"),
        ("订单提交时间", "2002-12-31 23:59:59", "time_impossible"),
        ("支付完成时间", "1970-01-01 08:00:00", "time_impossible"),
        ("发货时间", "2026-11-25 12:00:01", "time_impossible"),
        ("承诺发货时间", "2029-01-01 00:00:00", "time_impossible"),
    ],
)
def test_a_bad_cell_rejects_its_row_with_its_reason(files: Files, column: str, value: str, code: str) -> None:
    read = files.read(order(0), order(1, **{column: value}), order(2))
    assert read.counts == (3, 2, 1)
    assert read.rejects == [(3, code, column)]
    assert read.parsed.rejects[0].value == value
    assert read.column("row") == [2, 4]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("发货时间", "2026-11-25 11:59:59"),
        ("承诺发货时间", "2028-11-20 00:00:00"),
        ("订单提交时间", "2003-01-01 00:00:00"),
    ],
)
def test_times_at_the_edge_of_the_possible_are_kept(files: Files, column: str, value: str) -> None:
    assert datetime(2026, 11, 24, 12) == NOW
    assert files.read(order(**{column: value})).counts == (1, 1, 0)


def test_times_in_the_wrong_order_are_accepted(files: Files) -> None:
    assert files.read(order(支付完成时间="2026-10-01 00:00:00")).counts == (1, 1, 0)


def test_ids_that_all_end_in_zeros_were_rounded(files: Files) -> None:
    rounded = [order(n, 子订单编号=f"69179267688{n:04}0000") for n in range(1000, 1005)]
    read = files.read(*rounded)
    assert read.counts == (5, 0, 5)
    assert {(code, column) for _, code, column in read.rejects} == {("id_precision_lost", "子订单编号")}


def test_one_id_that_ends_in_zeros_is_an_id(files: Files) -> None:
    one = order(1, 子订单编号="6917926768823640000")
    assert files.read(*(order(n) for n in range(2, 40)), one).counts == (39, 39, 0)
    assert files.read(one).counts == (1, 1, 0)


def test_a_unit_behind_a_header_changes_nothing(files: Files) -> None:
    row = {
        f"{name}（元）" if name in ("订单应付金额", "支付优惠") else name: value
        for name, value in order().items()
    }
    assert files.read(row).row["paid_amount"] == 8750
