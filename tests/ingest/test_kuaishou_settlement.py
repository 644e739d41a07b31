"""Kuaishou's settlement: fees as what the shop paid, one layer a kind of seller, several rows an order."""

from datetime import datetime

import pytest

from tests.ingest.support import Files, table_rows

ROW = {
    "商家ID": "7001",
    "订单号": "2530500012345678",
    "商品ID": "21234567890123",
    "商品名称": "羽绒服",
    "商品数量": "2",
    "订单创建时间": "2026-11-01 10:00:00",
    "订单实付(元)": "1299.90",
    "政府补贴": "0.00",
    "支付营销补贴": "10.10",
    "平台补贴": "50.00",
    "商家补贴(元)": "100.00",
    "达人补贴": "30.00",
    "达人补贴明细": "",
    "合计收入(元)": "1390.00",
    "订单退款(元)": "0.00",
    "支付营销回退（元）": "0.00",
    "技术服务费(元)": "65.00",
    "预售增收技术服务费（元）": "5.00",
    "达人ID": "415121040.0",
    "MCN机构ID": "",
    "达人佣金(元)": "300.00",
    "团长id": "88001",
    "团长佣金(元)": "20.00",
    "佣金模式": "普通",
    "快赚客ID": "",
    "快赚客佣金(元)": "7.00",
    "服务商ID": "",
    "服务商佣金(元)": "3.00",
    "分账基数": "1299.90",
    "其他收费": "0.00",
    "其他收费明细": "",
    "合计支出(元)": "400.00",
    "实际结算金额(元)": "990.00",
    "实际结算时间": "2026-11-20 03:00:00",
    "结算规则": "T+7",
    "资金渠道": "微信",
    "账户名称": "某某旗舰店",
    "结算商户号": "K7001",
    "备注": "",
    "消费金信息": "",
    "运费": "0.00",
}
FEES = (
    "技术服务费(元)",
    "预售增收技术服务费（元）",
    "达人佣金(元)",
    "团长佣金(元)",
    "快赚客佣金(元)",
    "服务商佣金(元)",
)


def minus(row: dict[str, str]) -> dict[str, str]:
    """The same row in a file that prints what was paid as negative numbers."""
    return row | {name: f"-{row[name]}" for name in (*FEES, "合计支出(元)")}


def test_a_settlement_is_read_cell_by_cell(files: Files) -> None:
    read = files.parse(files.xlsx(table_rows([ROW])))
    assert (read.parsed.format, read.parsed.kind, read.counts) == (
        "kuaishou_settlement",
        "settlements",
        (1, 1, 0),
    )
    assert read.parsed.warnings == ()
    row = read.row
    assert (row["order_id"], row["line_id"]) == (ROW["订单号"], ROW["订单号"])
    assert row["settled_at"] == row["event_at"] == datetime(2026, 11, 20, 3)
    assert (row["settled_amount"], row["income_amount"], row["cost_amount"]) == (99_000, 139_000, 40_000)
    assert (row["influencer_id"], row["leader_id"], row["paid_amount"]) == ("415121040", "88001", 129_990)


@pytest.mark.parametrize("printed", [lambda row: row, minus], ids=["positive", "negative"])
def test_fees_are_what_the_shop_paid_whatever_their_sign(files: Files, printed: object) -> None:
    row = files.read(printed(ROW)).row  # type: ignore[operator]
    # 65 + 5 for the platform; the influencer's 300 and the quick promoter's 7 are one layer.
    assert (row["platform_fee"], row["commission_influencer"]) == (7_000, 30_700)
    assert (row["commission_leader"], row["commission_service"], row["cost_amount"]) == (2_000, 300, 40_000)


def test_a_refund_still_inside_the_income_is_taken_out_of_it(files: Files) -> None:
    row = ROW | {"订单退款(元)": "90.00", "实际结算金额(元)": "900.00"}
    read = files.read(row)
    assert (read.row["income_amount"], read.row["refund_amount"]) == (130_000, 9_000)
    assert read.found("refund_inside_income") == (1, 1)
    assert read.found("sums_differ") is None


def test_several_entries_of_an_order_are_several_rows(files: Files) -> None:
    back = ROW | {
        "实际结算时间": "2026-11-25 03:00:00",
        "实际结算金额(元)": "-100.00",
        "合计收入(元)": "-100.00",
    }
    back |= dict.fromkeys((*FEES, "合计支出(元)"), "0.00")
    read = files.read(ROW, ROW, back)
    assert read.counts == (3, 3, 0)
    assert len({row["settlement_id"] for row in read.rows()}) == 3
    assert sum(row["settled_amount"] for row in read.rows()) == 99_000 * 2 - 10_000
