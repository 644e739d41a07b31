"""Taobao's order report: every known shape, what the paid amount means, what a row without a state proves."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime

import pytest

from shopdata.errors import Refused
from shopdata.ingest.formats import recognise
from shopdata.words import words
from tests.ingest.support import Files, Read
from tests.ingest.taobao import LIST_54, LIST_2016, LIST_2017, LIST_2025, number, old_csv, sheet, whole

CLOSED = {"订单状态": "交易关闭", "订单关闭原因": "退款"}


def read(files: Files, *rows: dict[str, str], headers: Sequence[str] = LIST_2017) -> Read:
    return files.parse(files.write(old_csv(headers, rows), "ExportOrderList201711111230.csv"))


def refunded(place: int, back: str, paid: str, **cells: str) -> dict[str, str]:
    return whole(place, 退款金额=back, 买家实际支付金额=paid, 买家实付金额=paid, **cells)


def test_a_row_of_2017_is_read_cell_by_cell(files: Files) -> None:
    found = read(files, whole())
    assert (found.parsed.format, found.parsed.kind, found.parsed.platform) == (
        "taobao_orders",
        "orders",
        "taobao",
    )
    assert (found.parsed.encoding, found.parsed.exported_at) == ("gb18030", datetime(2017, 11, 11, 12, 30))
    assert (found.counts, found.parsed.warnings) == ((1, 1, 0), ())
    row = found.rows("order_lines")[0]
    assert (row["grain"], row["line_id"], row["order_id"]) == ("order", number(0), number(0))
    assert (row["payable_amount"], row["freight_amount"], row["paid_amount"]) == (21112, 1000, 21112)
    assert (row["status"], row["status_raw"]) == ("shipped", "卖家已发货，等待买家确认")
    assert (row["placed_at"], row["paid_at"]) == (datetime(2026, 11, 1, 10), datetime(2026, 11, 1, 10, 0, 30))
    assert (row["province"], row["city"], row["district"]) == ("330000", "330100", "西湖区")
    assert (row["province_raw"], row["city_raw"], row["address"]) == ("浙江省", "杭州市", "北山街道某路1号")
    assert (row["buyer_id"], row["receiver"], row["phone"]) == ("buyer_0", "张三", "13912345678")
    assert (row["buyer_note"], row["seller_note"], row["cancel_reason"]) == (None, "急", None)
    assert (row["product_name"], row["quantity"], row["aftersale_status"]) == ("毛衣，围巾", 3, None)
    assert (row["waybill"], row["courier"]) == ("VB37896852141", "邮政快递包裹")
    assert [(one["waybill"], one["order_id"]) for one in found.rows("parcels")] == [
        ("VB37896852141", number(0))
    ]


@pytest.mark.parametrize(
    "headers", [LIST_2016, LIST_2017, LIST_54, LIST_2025], ids=["2016", "2017", "54", "2025"]
)
@pytest.mark.parametrize("shape", ["gb18030", "utf-8-sig", "xlsx"])
def test_every_known_shape_is_read_alike_in_every_kind_of_file(
    files: Files, headers: list[str], shape: str
) -> None:
    rows = [whole(place, 退款金额="0", 打款商家金额="12.30元") for place in range(4)]
    if shape == "xlsx":
        path = files.xlsx(sheet(headers, rows))
    else:
        path = files.write(old_csv(headers, rows, encoding=shape))
    found = files.parse(path)
    assert (found.parsed.format, found.counts) == ("taobao_orders", (4, 4, 0))
    assert found.warned("unknown_header") == []
    for row in found.rows("order_lines"):
        assert (row["paid_amount"], row["payable_amount"], row["product_name"]) == (
            21112,
            21112,
            "毛衣，围巾",
        )
    assert len(LIST_2017) == 46
    assert len(LIST_54) == 54


def test_any_subset_with_an_order_number_and_a_creation_time_is_one_in_any_order() -> None:
    draw = random.Random(4)  # noqa: S311 - seeded on purpose
    for headers in (LIST_2016, LIST_2017, LIST_54, LIST_2025):
        for _ in range(60):
            others = [name for name in headers if name not in ("订单编号", "订单创建时间")]
            chosen = ["订单编号", "订单创建时间", *draw.sample(others, draw.randrange(len(others)))]
            draw.shuffle(chosen)
            found = recognise([chosen])
            assert found is not None
            assert found.match.format.key == "taobao_orders", chosen


def test_without_a_creation_time_it_is_not_taken_and_the_column_is_named(files: Files) -> None:
    with pytest.raises(Refused) as refusal:
        read(files, whole(), headers=[name for name in LIST_2017 if name != "订单创建时间"])
    assert (refusal.value.code, refusal.value.details["column"]) == ("column_missing", "订单创建时间")


@pytest.mark.parametrize(
    ("word", "meaning"),
    [
        ("等待买家付款", "unpaid"),
        ("买家已付款，等待卖家发货", "paid"),
        ("买家已付款,等待卖家发货", "paid"),
        ("买家已付款 等待卖家发货", "paid"),
        ("卖家部分发货", "part_shipped"),
        ("卖家已发货，等待买家确认", "shipped"),
        ("卖家已发货，等待买家确认收货", "shipped"),
        ("交易成功", "completed"),
        ("交易关闭", "closed"),
    ],
)
def test_every_state_has_its_meaning(files: Files, word: str, meaning: str) -> None:
    row = read(files, whole(订单状态=word)).rows("order_lines")[0]
    assert (row["status"], row["status_raw"]) == (meaning, word)


def test_a_state_nobody_knows_is_kept_and_told(files: Files) -> None:
    found = read(files, whole(0, 订单状态="天知道"), whole(1, 订单状态="天知道"), whole(2))
    assert [row["status"] for row in found.rows("order_lines")] == ["unknown", "unknown", "shipped"]
    assert found.warned("unknown_status") == [("订单状态", "天知道", 2)]


def test_a_closing_reason_is_one_only_where_the_order_was_closed(files: Files) -> None:
    found = read(
        files, whole(0), whole(1, **CLOSED), whole(2, 订单状态="交易关闭", 订单关闭原因="买家未付款")
    )
    assert found.column("cancel_reason") == [None, "退款", "买家未付款"]


def test_a_net_paid_amount_gets_its_refunds_back_and_it_says_so(files: Files) -> None:
    found = read(
        files,
        whole(0),
        refunded(1, "61.12", "150.00"),
        refunded(2, "211.12", "0.00", **CLOSED),
        refunded(3, "10.00", "201.12"),
        whole(4, 订单状态="等待买家付款", 订单付款时间="", 退款金额=""),
    )
    assert found.column("paid_amount") == [21112] * 5
    assert found.found("paid_net") == (3, 3)
    assert found.column("aftersale_status") == [None, "refunded", "refunded", "refunded", None]


def test_a_gross_paid_amount_stays_and_it_says_so(files: Files) -> None:
    found = read(files, whole(0), refunded(1, "61.12", "211.12"), refunded(2, "211.12", "211.12", **CLOSED))
    assert found.column("paid_amount") == [21112] * 3
    assert found.found("paid_gross") == (2, 2)


def test_one_odd_row_of_many_does_not_change_the_meaning(files: Files) -> None:
    rows = [refunded(place, "11.12", "200.00") for place in range(10)]
    found = read(files, *rows, refunded(10, "5.00", "100.00"))
    assert found.column("paid_amount") == [21112] * 10 + [10500]
    assert found.found("paid_net") == (10, 11)


def test_where_the_rows_disagree_nothing_is_changed_and_it_says_so(files: Files) -> None:
    found = read(
        files, refunded(0, "11.12", "200.00"), refunded(1, "11.12", "211.12"), refunded(2, "5", "100")
    )
    assert found.column("paid_amount") == [20000, 21112, 10000]
    assert found.found("paid_unclear") == (1, 3)


def test_an_unpaid_row_carries_amounts_and_proves_nothing(files: Files) -> None:
    unpaid = {"订单状态": "等待买家付款", "订单付款时间": ""}
    found = read(files, *(refunded(place, "11.12", "200.00", **unpaid) for place in range(3)), whole(4))
    assert found.column("paid_amount") == [20000] * 3 + [21112]
    assert found.column("paid_at") == [None] * 3 + [datetime(2026, 11, 1, 10, 0, 30)]
    assert found.found("paid_untested") == (0, 0)


def test_without_a_refund_column_nothing_can_be_tested_and_it_says_so(files: Files) -> None:
    found = read(files, whole(), headers=LIST_2016)
    assert found.found("paid_untestable") == (0, 0)
    assert found.column("paid_amount") == [21112]


def test_without_a_total_goods_and_freight_make_it(files: Files) -> None:
    headers = [name for name in LIST_2017 if name != "总金额"]
    found = read(files, refunded(0, "61.12", "150.00"), headers=headers)
    assert (found.column("payable_amount"), found.column("paid_amount")) == ([21112], [21112])


def test_without_a_paid_amount_it_is_unknown_and_it_says_so(files: Files) -> None:
    found = read(files, whole(), headers=[name for name in LIST_2017 if name != "买家实际支付金额"])
    assert "paid_amount" not in found.rows("order_lines")[0]
    assert found.found("paid_amount_absent") == (1, 1)


def test_without_a_state_the_times_and_amounts_tell_it(files: Files) -> None:
    rows = [
        whole(0, 订单付款时间="", 确认收货打款金额="0.00"),
        whole(1, 确认收货打款金额="0.00"),
        whole(2, 确认收货打款金额="211.12元"),
    ]
    found = read(files, *rows, headers=LIST_2025)
    assert found.column("status") == ["unpaid", "paid", "completed"]
    assert found.column("status_rank") == [0, 1, 4]
    assert found.found("state_by_times") == (3, 3)
    headers = [name for name in LIST_54 if name not in ("订单状态", "打款商家金额")]
    sent, done = whole(0), whole(1, 确认收货时间="2026-11-08 09:00:00")
    found = read(files, sent, done, whole(2, 物流单号=""), headers=headers)
    assert found.column("status") == ["shipped", "completed", "paid"]
    assert found.column("completed_at") == [None, datetime(2026, 11, 8, 9), None]


def test_a_receipt_confirmed_is_completed_and_never_signed(files: Files) -> None:
    found = read(files, whole(确认收货时间="2026-11-08 09:00:00", 订单状态="交易成功"), headers=LIST_54)
    row = found.rows("order_lines")[0]
    assert row["completed_at"] == datetime(2026, 11, 8, 9)
    assert found.found("sign_time_absent") == (1, 1)
    assert "signed_at" not in found.rows("parcels")[0]


def test_without_state_and_times_nothing_is_made_up(files: Files) -> None:
    found = read(files, whole(), headers=["订单编号", "买家会员名", "订单创建时间"])
    assert "status" not in found.row
    assert found.found("state_untold") == (1, 1)


def test_an_order_paid_in_stages_that_waits_has_paid_its_deposit(files: Files) -> None:
    stages = {"分阶段订单信息": "阶段1:已付款;阶段2:未付款", "订单状态": "等待买家付款"}
    found = read(
        files, whole(0, **stages), whole(1, 订单付款时间="", **stages), whole(2, 订单状态="等待买家付款")
    )
    assert found.column("status") == ["deposit_paid", "unpaid", "unpaid"]
    assert found.column("order_type") == ["阶段1:已付款;阶段2:未付款"] * 2 + [None]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("广东省 深圳市 南山区 科技园1号(518000)", ("440000", "440300", "南山区", "科技园1号")),
        ("广西壮族自治区 南宁市 其它区 某路1号(530000)", ("450000", "450100", "其它区", "某路1号")),
        ("新疆维吾尔自治区 伊犁哈萨克自治州 伊宁市 某路 2号", ("650000", "654000", "伊宁市", "某路 2号")),
        ("内蒙古自治区 呼和浩特市 赛罕区 某路(三栋)", ("150000", "150100", "赛罕区", "某路(三栋)")),
        ("上海 上海市 浦东新区 世纪大道1号(000000)", ("310000", "310100", "浦东新区", "世纪大道1号")),
        ("北京市 北京市 朝阳区 建国路1号()", ("110000", "110100", "朝阳区", "建国路1号")),
        ("重庆市 渝北区 某路3号", ("500000", "500000", "渝北区", "某路3号")),
        ("海南省 直辖县 某县 路", ("460000", None, "某县", "路")),
        ("广东省深圳市南山区科技园1号", ("440000", None, None, "广东省深圳市南山区科技园1号")),
        ("海外 某国 某地", ("unknown", None, None, "海外 某国 某地")),
        ("", (None, None, None, None)),
    ],
)
def test_an_address_in_one_cell_falls_into_its_parts(
    files: Files, text: str, expected: tuple[str | None, ...]
) -> None:
    row = read(files, whole(收货地址=text)).rows("order_lines")[0]
    assert (row["province"], row["city"], row["district"], row["address"]) == expected


def test_a_province_nobody_knows_is_told_and_a_changed_address_comes_first(files: Files) -> None:
    changed = whole(1, 修改后的收货地址="四川省 成都市 武侯区 某路9号")
    found = read(files, whole(0, 收货地址="海外 某国 某地"), changed)
    assert found.warned("unknown_province") == [("收货地址", "海外", 1)]
    assert found.column("province") == ["unknown", "510000"]


@pytest.mark.parametrize(
    ("numbers", "couriers", "expected"),
    [
        ("YT1234567890", "圆通速递", [("YT1234567890", "圆通速递")]),
        (
            "No:YT1234567890,No:SF0987654321",
            "圆通速递,顺丰速运",
            [("YT1234567890", "圆通速递"), ("SF0987654321", "顺丰速运")],
        ),
        (
            "YT1234567890；YT1234567891",
            "圆通速递",
            [("YT1234567890", "圆通速递"), ("YT1234567891", "圆通速递")],
        ),
        (
            "YT1234567890,YT1234567891,YT1234567892",
            "圆通速递,顺丰速运",
            [(f"YT123456789{n}", None) for n in range(3)],
        ),
        ("无需物流", "", []),
        ("", "圆通速递", []),
    ],
)
def test_waybills_of_a_cell_become_parcels(
    files: Files, numbers: str, couriers: str, expected: list[tuple[str, str | None]]
) -> None:
    found = read(files, whole(物流单号=numbers, 物流公司=couriers))
    assert [(one["waybill"], one["courier"]) for one in found.rows("parcels")] == expected


def test_a_starred_out_name_is_no_key_of_a_buyer(files: Files) -> None:
    found = read(files, whole(0), whole(1, 买家会员名="t**1"), whole(2, 买家会员名="小**花"))
    assert found.column("buyer_id") == ["buyer_0", None, None]
    assert found.found("buyers_masked") == (2, 3)


def test_a_rounded_order_number_is_refused_and_the_rest_is_kept(files: Files) -> None:
    path = files.xlsx(sheet(LIST_2025, [whole(0), whole(1) | {"订单编号": "3.5E+17"}]))
    found = files.parse(path)
    assert (found.counts, found.rejects) == ((2, 1, 1), [(3, "id_precision_lost", "订单编号")])


@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_a_file_says_of_itself_has_a_sentence(files: Files, language: str) -> None:
    codes = (
        *("paid_net", "paid_gross", "paid_unclear", "paid_untested", "paid_untestable", "paid_amount_absent"),
        *("list_price_only", "state_by_times", "state_untold", "buyers_masked", "item_numbers_made"),
    )
    assert [code for code in codes if f"imports.findings.{code}" not in words(language).entries] == []
