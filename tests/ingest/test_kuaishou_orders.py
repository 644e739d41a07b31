"""Kuaishou's order export: one row an order, money and ids as printed, and what follows from them."""

from datetime import datetime

import pytest

from tests.ingest.kuaishou import ORDER, order
from tests.ingest.support import Files, csv_text, table_rows, without


def test_the_export_has_sixty_four_columns_and_all_are_known(files: Files) -> None:
    read = files.parse(files.xlsx(table_rows([order()])))
    assert len(ORDER) == 63 + ("订单销售主体" in ORDER)
    assert (read.parsed.format, read.parsed.platform) == ("kuaishou_orders", "kuaishou")
    assert read.parsed.warnings == ()
    assert read.counts == (1, 1, 0)


def test_an_order_is_read_cell_by_cell(files: Files) -> None:
    row = files.read(order()).rows("order_lines")[0]
    assert (row["order_id"], row["line_id"], row["grain"]) == (ORDER["订单号"], ORDER["订单号"], "line")
    assert (row["status"], row["status_raw"], row["status_rank"]) == ("shipped", "已发货", 3)
    assert row["placed_at"] == datetime(2026, 11, 1, 10)
    assert row["shipped_at"] == row["event_at"] == datetime(2026, 11, 2, 9)
    assert (row["source"], row["source_raw"], row["channel"]) == ("live", "直播", "分销")
    assert (row["province"], row["city"], row["quantity"]) == ("370000", "370100", 2)


def test_paid_is_printed_and_payable_is_that_and_the_discount_of_paying(files: Files) -> None:
    row = files.read(order()).rows("order_lines")[0]
    # 2 × 750 less 100 + 50 + 30 + 10 is 1310 to be paid, less 10.10 for the way of paying.
    assert row["paid_amount"] == 129_990
    assert row["payable_amount"] == 131_000
    assert row["discount_amount"] == 19_000
    assert (row["merchant_discount"], row["platform_subsidy"], row["influencer_subsidy"]) == (
        10_000,
        5_000,
        3_000,
    )


FREIGHT = {
    "快递费": "¥8.00",
    "店铺优惠": "0",
    "平台补贴": "0",
    "主播补贴": "0",
    "混资活动优惠": "0",
    "支付优惠": "0",
}


@pytest.mark.parametrize(
    ("paid", "code", "stored"),
    [
        ("¥1,508.00", "freight_inside", 150_800),
        ("¥1,500.00", "freight_outside", 150_800),
        ("¥1,499.00", "freight_unclear", 149_900),
    ],
)
def test_whether_freight_is_inside_the_paid_amount_is_tested_and_said(
    files: Files, paid: str, code: str, stored: int
) -> None:
    read = files.read(order(1, **FREIGHT, 实付款=paid), order(2))
    assert read.found(code) == (0 if code == "freight_unclear" else 1, 1)
    assert read.rows("order_lines")[0]["paid_amount"] == stored
    assert read.rows("order_lines")[1]["paid_amount"] == 129_990


SELLERS = ("CPS达人ID", "CPS达人昵称", "团长ID", "团长昵称", "快赚客ID", "快赚客昵称")


@pytest.mark.parametrize(
    ("cells", "party", "number", "name"),
    [
        (("415121040.0", "小北", "88001", "北方团", "", ""), "influencer", "415121040", "小北"),
        (("-", "小北", "88001", "北方团", "7", "客"), "leader", "88001", "北方团"),
        (("0", "", "/", "-", "7001.0", "客"), "promoter", "7001", "客"),
        (("", "", "", "北方团", "", "客"), "leader", None, "北方团"),
        (("415121040", "", "88001", "北方团", "", ""), "influencer", "415121040", None),
    ],
)
def test_id_and_name_of_who_sold_come_from_the_same_source(
    files: Files, cells: tuple[str, ...], party: str, number: str | None, name: str | None
) -> None:
    read = files.read(order(**dict(zip(SELLERS, cells, strict=True))))
    row = read.rows("order_lines")[0]
    assert (row["influencer_id"], row["influencer_name"]) == (number, name)
    commission = read.rows("commissions")[0]
    assert (commission["party"], commission["party_id"], commission["party_name"]) == (
        party,
        number or name,
        name,
    )


def test_the_estimated_commission_becomes_a_row_of_whoever_sold(files: Files) -> None:
    unpaid = order(1, 订单状态="待付款", 订单支付时间="", 售后状态="")
    own = order(2, 渠道="自营", 预估推广佣金="-", **dict.fromkeys(SELLERS, ""))
    (row,) = files.read(order(), unpaid, own).rows("commissions")
    assert row["line_id"] == ORDER["订单号"]
    assert (row["commission_estimated"], row["rate"], row["paid_amount"]) == (38_997, 0.3, 129_990)
    assert row["paid_at"] == datetime(2026, 11, 1, 10, 0, 30)


@pytest.mark.parametrize(
    ("word", "source"),
    [
        *(("直播间", "live"), ("短视频", "short_video"), ("商品卡", "product_card"), ("橱窗", "showcase")),
        *(("图文", "image_text"), ("其他", "other"), ("-", "unknown")),
    ],
)
def test_the_carrier_of_the_order_is_its_source(files: Files, word: str, source: str) -> None:
    assert files.read(order(订单载体=word)).rows("order_lines")[0]["source"] == source


def test_an_unknown_carrier_is_kept_as_written_and_named(files: Files) -> None:
    read = files.read(order(订单载体="店铺页"))
    assert (read.rows("order_lines")[0]["source"], read.rows("order_lines")[0]["source_raw"]) == (
        "unknown",
        "店铺页",
    )
    assert read.warned("unknown_word") == [("订单载体", "店铺页", 1)]


def test_an_unpaid_presale_with_its_deposit_waits_for_the_balance(files: Files) -> None:
    cells = {"订单状态": "待付款", "订单支付时间": "-", "预售定金支付时间": "2026-11-01 10:01:00"}
    row = files.read(order(**cells)).rows("order_lines")[0]
    assert (row["status"], row["status_raw"]) == ("deposit_paid", "待付款")
    assert row["deposit_paid_at"] == datetime(2026, 11, 1, 10, 1)


def test_without_pay_times_a_closed_order_without_after_sale_was_never_paid(files: Files) -> None:
    rows = [
        order(0),
        order(1, 订单状态="待付款"),
        order(2, 订单状态="交易关闭", 售后状态=""),
        order(3, 订单状态="交易关闭", 售后状态="退款成功"),
    ]
    read = files.read(*(without(row, "订单支付时间") for row in rows))
    paid = [row["paid_by_status"] for row in read.rows("order_lines")]
    assert paid == [True, False, False, True]
    assert read.warned("paid_unknown") == []
    untold = files.read(without(rows[2], "订单支付时间", "售后状态"))
    assert untold.rows("order_lines")[0]["paid_by_status"] is None
    assert untold.warned("paid_unknown") == [(None, None, 1)]


def test_without_a_status_the_state_follows_from_what_is_there_and_this_is_said(files: Files) -> None:
    base = {"售后状态": "", "发货时间": "", "快递单号": "", "订单支付时间": ""}
    rows = [
        order(0, **base),
        order(1, **base | {"订单支付时间": "2026-11-01 10:05:00"}),
        order(2, **base | {"订单支付时间": "2026-11-01 10:05:00", "发货时间": "2026-11-02 10:05:00"}),
        order(3, **base | {"快递单号": "76543210987654"}),
        order(4, **base | {"预售定金支付时间": "2026-11-01 10:05:00"}),
    ]
    read = files.read(*(without(row, "订单状态") for row in rows))
    states = [row["status"] for row in read.rows("order_lines")]
    assert states == ["unpaid", "paid", "shipped", "shipped", "deposit_paid"]
    assert read.found("state_by_times") == (5, 5)
    bare = ("订单状态", "订单支付时间", "发货时间", "快递单号", "售后状态")
    read = files.read(without(rows[0], *bare))
    assert "status" not in read.rows("order_lines")[0]
    assert read.found("state_untold") == (1, 1)


def test_an_older_csv_in_gb18030_with_other_names_is_the_same_export(files: Files) -> None:
    row = {
        "订单编号": ORDER["订单号"],
        "订单创建时间": "2022/6/1 8:00",
        "订单支付时间": "2022/6/1 8:01",
        "订单状态": "交易成功",
        "实付款": "￥0",
        "商品名称": "龘",
        "发货时间": "/",
        "快递公司": "-",
        "运单号": "SF0220481613112",
    }
    read = files.parse(files.write(csv_text([row], tabs=False).encode("gb18030")))
    assert (read.parsed.format, read.counts) == ("kuaishou_orders", (1, 1, 0))
    line = read.rows("order_lines")[0]
    assert (line["paid_amount"], line["product_name"], line["shipped_at"]) == (0, "龘", None)
    assert line["paid_at"] == datetime(2022, 6, 1, 8, 1)
    assert read.rows("parcels")[0]["waybill"] == "SF0220481613112"


def test_waybills_make_parcels_several_in_a_cell_too(files: Files) -> None:
    read = files.read(order(0, 快递单号="76543210987654,76543210987655"), order(1, 快递单号="无需物流"))
    parcels = read.rows("parcels")
    assert [(row["waybill"], row["courier"]) for row in parcels] == [
        ("76543210987654", "中通快递"),
        ("76543210987655", "中通快递"),
    ]
    assert {row["shipped_at"] for row in parcels} == {datetime(2026, 11, 2, 9)}
    assert [row["waybill"] for row in read.rows("order_lines")] == ["76543210987654", None]


def test_parcels_of_collecting_warehouses_are_marked(files: Files) -> None:
    rows = [
        order(0),
        order(1, 集运类型="新疆中转集运"),
        order(2, 集运类型="非集运"),
        order(3, 直邮类型="集运直邮"),
        order(4, 直邮类型="海外直邮"),
    ]
    read = files.read(*rows)
    marked = [row["transit"] for row in read.rows("order_lines")]
    assert marked == [False, True, False, True, False]
    assert read.found("transit_by_word") == (2, 5)
    assert [row["transit"] for row in read.rows("parcels") if row["order_id"] == rows[1]["订单号"]] == [True]


def test_without_a_word_on_collecting_the_provinces_of_first_legs_are_marked(files: Files) -> None:
    rows = [order(0), order(1, **{"收货地址-省": "新疆维吾尔自治区", "收货地址-市": "乌鲁木齐市"})]
    read = files.read(*(without(row, "集运类型", "直邮类型") for row in rows))
    assert [row["transit"] for row in read.rows("order_lines")] == [False, True]
    assert read.found("transit_by_province") == (1, 2)


@pytest.mark.parametrize("value", ["2.5305E+15", "2530500012345678.5"])
def test_an_order_number_that_a_program_has_rounded_is_refused(files: Files, value: str) -> None:
    read = files.read(order(0), order(1) | {"订单号": value})
    assert read.rejects == [(3, "id_precision_lost", "订单号")]


def test_a_number_cell_as_order_number_is_refused_in_a_workbook(files: Files) -> None:
    made = table_rows([order(0), order(1)])
    made[2][0] = 2530500012345679
    assert files.parse(files.xlsx(made)).rejects == [(3, "id_precision_lost", "订单号")]
