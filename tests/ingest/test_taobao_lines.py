"""Taobao's item report: the old one without numbers, times and payments, the newest with all of them."""

from __future__ import annotations

import random

import pytest

from shopdata.errors import Refused
from shopdata.ingest.formats import recognise
from tests.ingest.support import ORDER, Files
from tests.ingest.taobao import LINES_2025, LINES_OLD, LIST_2025, item, number, old_csv, sheet

SLICE = [
    "子订单编号",
    "主订单编号",
    "商品标题",
    "商品价格",
    "购买数量",
    "商家编码",
    "订单状态",
    "发货时间",
    "物流单号",
    "物流公司",
]


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8-sig"])
def test_the_old_report_has_a_field_more_than_its_header(files: Files, encoding: str) -> None:
    rows = [item(0, 标题="毛衣"), item(0, 标题="围巾", 价格="59.00", 商家编码="B-2"), item(1)]
    data = old_csv(LINES_OLD, rows, extra=",", encoding=encoding)
    found = files.parse(files.write(data, "ExportOrderDetailList201711111230.csv"))
    assert (found.parsed.format, found.counts, found.parsed.warnings) == ("taobao_lines", (3, 3, 0), ())
    first = found.rows()[0]
    assert (first["grain"], first["order_id"], first["quantity"]) == ("line", number(0), 1)
    assert (first["unit_price"], first["sku_code"]) == (23900, "A-1")
    assert first["product_spec"] == "颜色分类:红色;尺码:M"
    assert found.column("product_name") == ["毛衣", "围巾", "毛衣"]
    assert len(LINES_OLD) == 10
    assert all(line.count(",") == 10 for line in data.decode(encoding).splitlines()[1:])


@pytest.mark.parametrize("count", [1, 2, 30])
def test_an_extra_field_that_holds_something_rejects_its_row_alone(files: Files, count: int) -> None:
    rows = [item(place) for place in range(count)]
    data = (
        old_csv(LINES_OLD, rows, extra=",", encoding="utf-8")
        + b'="35153131473200999","a","1","1","","","","","x","b",\xe7\x94\xb2\r\n'
    )
    found = files.parse(files.write(data))
    assert found.counts == (count + 1, count, 1)
    assert found.rejects == [(count + 2, "too_many_fields", None)]


def test_the_old_price_is_the_list_price_and_never_a_payment(files: Files) -> None:
    found = files.parse(files.write(old_csv(LINES_OLD, [item()], extra=",")))
    assert "paid_amount" not in found.row
    assert "payable_amount" not in found.row
    assert found.found("list_price_only") == (1, 1)
    assert found.row["paid_by_status"] is True


def test_old_items_get_numbers_from_order_title_code_spec_and_turn(files: Files) -> None:
    same = item(0)
    rows = [same, same, item(0, 商品属性="颜色分类:黑色"), item(0, 商家编码="A-2"), item(1)]
    data = old_csv(LINES_OLD, rows, extra=",")
    found = files.parse(files.write(data))
    ids = found.column("line_id")
    assert len(set(ids)) == 5
    assert ids[0] == f"{number(0)}/毛衣/A-1/颜色分类:红色;尺码:M/1"
    assert ids[1].endswith("/2")
    assert found.found("item_numbers_made") == (5, 5)
    again = files.parse(files.write(old_csv(LINES_OLD, [*rows[2:], same, same], extra=","), "again.csv"))
    assert set(again.column("line_id")) == set(ids)


@pytest.mark.parametrize("shape", ["csv", "xlsx"])
def test_the_newest_report_is_read_cell_by_cell(files: Files, shape: str) -> None:
    rows = [
        item(0, 0),
        item(0, 1, 商品标题="围巾", 退款状态="退款成功", 退款金额="201.12", 买家实付金额="0.00"),
    ]
    path = files.xlsx(sheet(LINES_2025, rows)) if shape == "xlsx" else files.write(old_csv(LINES_2025, rows))
    found = files.parse(path)
    assert (found.parsed.format, found.counts) == ("taobao_lines", (2, 2, 0))
    first, second = found.rows()
    assert (first["order_id"], first["line_id"], second["line_id"]) == (
        number(0),
        number(0),
        str(int(number(0)) + 1),
    )
    assert (first["product_id"], first["unit_price"], first["payable_amount"]) == (
        "521234567890",
        23900,
        20112,
    )
    assert (first["aftersale_status"], second["aftersale_status"]) == (None, "refunded")
    assert (first["paid_amount"], second["paid_amount"]) == (20112, 20112)
    assert found.found("paid_net") == (1, 1)
    assert found.found("item_numbers_made") is None
    assert set(found.warned("unknown_header")) == set()


def test_words_in_an_amount_are_no_amount(files: Files) -> None:
    found = files.parse(files.xlsx(sheet(LINES_2025, [item(0, 退款金额="无退款申请")])))
    assert found.counts == (1, 1, 0)
    bad = files.parse(files.xlsx(sheet(LINES_2025, [item(0, 退款金额="很多")]), "bad.xlsx"))
    assert bad.rejects == [(2, "amount_invalid", "退款金额")]


def test_the_slice_with_shipping_brings_ship_times_and_parcels(files: Files) -> None:
    sent = {"发货时间": "2026-11-02 09:00:00", "物流单号": "YT1234567890", "物流公司": "圆通速递"}
    found = files.parse(files.xlsx(sheet(SLICE, [item(0, 0, **sent), item(0, 1, **sent)])))
    assert found.parsed.format == "taobao_lines"
    (parcel,) = found.rows("parcels")
    assert (parcel["waybill"], parcel["order_id"], parcel["courier"]) == (
        "YT1234567890",
        number(0),
        "圆通速递",
    )
    assert parcel["shipped_at"] == found.rows("order_lines")[0]["shipped_at"]


def test_a_refund_state_nobody_knows_is_kept_and_told(files: Files) -> None:
    found = files.parse(files.xlsx(sheet(LINES_2025, [item(0, 退款状态="天知道")])))
    assert (found.row["aftersale_status"], found.row["aftersale_raw"]) == ("unknown", "天知道")
    assert found.warned("unknown_status") == [("退款状态", "天知道", 1)]


OURS = {
    "商品标题",
    "商品价格",
    "购买数量",
    "外部系统编号",
    "商品属性",
    "买家实付金额",
    "退款状态",
    "订单创建时间",
    "订单付款时间",
}
THEIRS = {"选购商品", "订单应付金额", "订单提交时间", "支付完成时间", "流量体裁", "流量来源", "承诺发货时间"}
SHARED = ["主订单编号", "子订单编号", "订单状态", "商家编码", "商品ID"]


def test_the_main_order_number_does_not_make_it_douyin_s_nor_the_other_way_round() -> None:
    draw = random.Random(11)  # noqa: S311 - seeded on purpose
    for own, key, headers in ((OURS, "taobao_lines", LINES_2025), (THEIRS, "douyin_orders", list(ORDER))):
        for _ in range(80):
            telling = draw.sample(sorted(own), draw.randrange(1, len(own) + 1))
            needed = ["商品标题"] if key == "taobao_lines" else ["订单提交时间"]
            rest = [name for name in headers if name not in own]
            chosen = list(
                dict.fromkeys([*SHARED[:3], *needed, *telling, *draw.sample(rest, draw.randrange(len(rest)))])
            )
            draw.shuffle(chosen)
            found = recognise([chosen])
            assert found is not None
            assert found.match.format.key == key, chosen


def test_the_newest_order_report_is_not_taken_for_items() -> None:
    draw = random.Random(3)  # noqa: S311 - seeded on purpose
    for _ in range(80):
        rest = draw.sample(LIST_2025[1:], draw.randrange(len(LIST_2025) - 1))
        chosen = list(dict.fromkeys(["订单编号", "订单创建时间", *rest]))
        found = recognise([chosen])
        assert found is not None
        assert found.match.format.key == "taobao_orders", chosen


@pytest.mark.parametrize(
    ("word", "key"),
    [
        ("卖家已发货，等待买家确认", "taobao_lines"),
        ("买家已付款，等待卖家发货", "taobao_lines"),
        ("已发货", "douyin_orders"),
        ("已完成", "douyin_orders"),
    ],
)
@pytest.mark.parametrize("shape", ["csv", "xlsx"])
def test_where_no_header_tells_the_words_of_the_state_do(
    files: Files, word: str, key: str, shape: str
) -> None:
    headers = [*SHARED, "发货时间"]
    rows = [item(place, 0, 订单状态=word, 发货时间="2026-11-02 09:00:00") for place in range(3)]
    path = files.xlsx(sheet(headers, rows)) if shape == "xlsx" else files.write(old_csv(headers, rows))
    found = files.parse(path)
    assert (found.parsed.format, found.counts) == (key, (3, 3, 0))
    assert found.warned("unknown_status") == []


def test_where_neither_headers_nor_words_tell_nothing_is_guessed(files: Files) -> None:
    path = files.xlsx(
        sheet([*SHARED, "发货时间"], [item(0, 订单状态="交易成功", 发货时间="2026-11-02 09:00:00")])
    )
    with pytest.raises(Refused, match="format_ambiguous"):
        files.parse(path)
    assert files.parse(path, format_key="taobao_lines").parsed.format == "taobao_lines"
