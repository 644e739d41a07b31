"""After-sales and commissions: keys, meanings, and what a column proves to hold."""

from datetime import datetime

import pytest

from shopdata.errors import Refused
from tests.ingest.support import Files, csv_text, table_rows, without

LONG = "69179267688236437"


def aftersale(number: int = 0, **cells: str) -> dict[str, str]:
    """A finished case: 90 payable, 2.50 of it paid by the platform's discount."""
    row = {
        "售后单号": f"70{LONG}"[:17] + f"{number:02}",
        "订单号": f"{LONG}51",
        "商品单号": f"{LONG}52",
        "商品名称": "夏季连衣裙",
        "商品ID": "3571234567890123456",
        "应付金额（元）": "90.00",
        "商品运费（元）": "0.00",
        "支付优惠（元）": "2.50",
        "商品发货状态": "1/1已发货",
        "售后类型": "退货退款",
        "退商品金额（元）": "87.50",
        "退运费金额（元）": "0.00",
        "退支付优惠（元）": "2.50",
        "售后状态": "同意退款，退款成功",
        "售后申请时间": "2026-11-05 10:00:00",
        "商家退款时间": "2026-11-07 10:00:00",
        "自动处理截止时间": "2026-12-07 10:00:00",
        "仲裁状态": "-",
        "售后原因": "不想要了",
        "退货物流单号": "SF0220481613112",
        "发货物流单号": "YT8812345678901",
    }
    return row | {f"{name}（元）" if f"{name}（元）" in row else name: value for name, value in cells.items()}


def test_a_case_is_read_cell_by_cell(files: Files) -> None:
    read = files.parse(files.xlsx(table_rows([aftersale()]), "售后单-2026-05-18 00_34_04.xlsx"))
    assert (read.parsed.format, read.parsed.kind) == ("douyin_aftersales", "aftersales")
    assert read.parsed.exported_at == datetime(2026, 5, 18, 0, 34, 4)
    assert read.parsed.as_of == datetime(2026, 11, 7, 10)
    assert (read.parsed.first_at, read.parsed.last_at) == (
        datetime(2026, 11, 5, 10),
        datetime(2026, 11, 5, 10),
    )
    row = read.row
    assert (row["order_id"], row["line_id"]) == (f"{LONG}51", f"{LONG}52")
    assert (row["kind"], row["status"], row["status_rank"]) == ("return_refund", "refunded", 4)
    assert (row["refund_amount"], row["payable_amount"], row["payment_discount"]) == (8750, 9000, 250)
    assert row["dispute"] is False
    assert row["return_waybill"] == "SF0220481613112"


def test_brackets_of_either_width_and_none_name_the_same_column(files: Files) -> None:
    for old, new in (("（元）", "(元)"), ("（元）", "")):
        row = {name.replace(old, new): value for name, value in aftersale().items()}
        assert files.read(row).row["refund_amount"] == 8750


def test_net_refunds_are_taken_as_they_are_and_it_says_so(files: Files) -> None:
    read = files.read(*(aftersale(n) for n in range(5)), aftersale(8, 退商品金额="10.00"))
    assert read.column("refund_amount") == [8750] * 5 + [1000]
    assert read.found("refund_net") == (5, 5)


def test_gross_refunds_lose_the_discount_and_it_says_so(files: Files) -> None:
    full = [aftersale(n, 退商品金额="90.00") for n in range(5)]
    part = aftersale(7, 退商品金额="45.00", 退支付优惠="1.25")
    plain = aftersale(8, 退商品金额="20.00", 支付优惠="-", 退支付优惠="-")
    read = files.read(*full, part, plain)
    assert read.column("refund_amount") == [8750] * 5 + [4375, 2000]
    assert read.found("refund_gross") == (5, 5)
    with_column, other = read.rows()[0], files.read(*(aftersale(n) for n in range(5))).rows()[0]
    assert with_column["refund_amount"] == other["refund_amount"]


def test_freight_is_refunded_too(files: Files) -> None:
    assert files.read(aftersale(退运费金额="6.00")).row["refund_amount"] == 9350


def test_without_amounts_a_refund_is_unknown_not_zero(files: Files) -> None:
    assert files.read(aftersale(退商品金额="-", 退运费金额="-")).row["refund_amount"] is None


@pytest.mark.parametrize(
    ("word", "meaning"),
    [
        ("同意退款，退款成功", "refunded"),
        ("同意退款,退款成功", "refunded"),
        ("售后关闭", "closed"),
        ("换货成功", "exchange_done"),
        ("补寄成功", "resend_done"),
        ("待商家处理", "merchant_pending"),
        ("待商家收货", "merchant_receive"),
        ("待买家退货", "buyer_return"),
        ("拒绝售后申请", "refused"),
        ("同意退款，退款失败", "failed"),
        ("同意退款，退款中", "refunding"),
        ("退货后拒绝退款", "refused"),
        ("等待用户收货", "buyer_receive"),
        ("仲裁中", "arbitration"),
        ("天知道", "unknown"),
    ],
)
def test_every_case_status_has_its_meaning(files: Files, word: str, meaning: str) -> None:
    row = files.read(aftersale(售后状态=word)).row
    assert (row["status"], row["status_raw"]) == (meaning, word)


@pytest.mark.parametrize(
    ("word", "shipped", "kind"),
    [
        ("退货退款", "-", "return_refund"),
        ("已发货退款", "-", "refund_shipped"),
        ("未发货退款", "-", "refund_unshipped"),
        ("仅退款", "未发货", "refund_unshipped"),
        ("仅退款", "1/1已发货", "refund_shipped"),
        ("仅退款", "-", "unknown"),
        ("换货", "-", "exchange"),
        ("补寄", "-", "resend"),
        ("价保", "-", "price_protect"),
        ("维修", "-", "repair"),
        ("抱抱", "-", "unknown"),
    ],
)
def test_every_kind_of_case_has_its_meaning(files: Files, word: str, shipped: str, kind: str) -> None:
    assert files.read(aftersale(售后类型=word, 商品发货状态=shipped)).row["kind"] == kind


@pytest.mark.parametrize(
    ("state", "status", "dispute"),
    [
        ("-", "售后关闭", False),
        ("", "售后关闭", False),
        ("无", "售后关闭", False),
        ("无仲裁记录", "售后关闭", False),
        ("仲裁中", "售后关闭", True),
        ("客服同意", "售后关闭", True),
        ("天知道", "售后关闭", True),
        ("-", "仲裁中-待商家举证", True),
    ],
)
def test_arbitration_makes_a_dispute(files: Files, state: str, status: str, dispute: bool) -> None:
    assert files.read(aftersale(仲裁状态=state, 售后状态=status)).row["dispute"] is dispute


def commission(number: int = 0, **cells: str) -> dict[str, str]:
    """A row of the alliance's commission export."""
    row = {
        "订单id": f"{LONG}{number:02}\t",
        "商品id": "3571234567890123456\t",
        "商品名称": "夏季连衣裙",
        "作者账号": "美妆小王",
        "抖音/火山号": "xiaowang88",
        "支付金额": "169.00",
        "佣金率": "32.00%",
        "预估佣金支出": "54.08",
        "结算金额": "169.00",
        "实际佣金支出": "54.08",
        "订单状态": "订单结算",
        "付款时间": "2026-11-01 10:00:30",
        "收货时间": "2026-11-06 10:00:00",
        "订单结算时间": "2026-11-10 10:00:00",
        "店铺名称": "某某旗舰店",
        "商品数量": "1",
        "预估奖励佣金支出": "1.00",
        "结算奖励佣金支出": "0.50",
        "推广费率": "1.50%",
        "预估推广费支出": "2.54",
        "结算推广费支出": "2.00",
        "流量来源": "视频",
    }
    return row | cells


def test_a_commission_row_is_read_cell_by_cell(files: Files) -> None:
    read = files.parse(files.xlsx(table_rows([commission()])))
    assert (read.parsed.format, read.parsed.shop_names) == ("douyin_commissions", ("某某旗舰店",))
    row = read.row
    assert (row["party"], row["party_id"], row["line_id"]) == ("influencer", "xiaowang88", f"{LONG}00")
    assert (row["commission_estimated"], row["commission_settled"], row["settled_base"]) == (
        5408,
        5408,
        16900,
    )
    assert (row["rate"], row["promotion_rate"]) == (0.32, 0.015)
    assert (row["bonus_estimated"], row["bonus_settled"]) == (100, 50)
    assert (row["promotion_estimated"], row["promotion_settled"]) == (254, 200)
    assert (row["source"], row["source_raw"], row["status"]) == ("short_video", "视频", "settled")


@pytest.mark.parametrize(
    ("account", "name", "party"),
    [
        ("xiaowang88", "美妆小王", "xiaowang88"),
        ("-", "美妆小王", "美妆小王"),
        ("-", "-", ""),
        ("12345", "-", "12345"),
    ],
)
def test_a_commission_belongs_to_the_public_id_else_the_account_else_nobody(
    files: Files, account: str, name: str, party: str
) -> None:
    assert files.read(commission(作者账号=name) | {"抖音/火山号": account}).row["party_id"] == party


def test_an_unknown_traffic_word_of_a_commission_is_told_and_an_empty_one_is_nothing(files: Files) -> None:
    read = files.read(commission(0, 流量来源="元宇宙"), commission(1, 流量来源="-"))
    assert read.column("source") == ["unknown", None]
    assert read.warned("unknown_word") == [("流量来源", "元宇宙", 1)]


def test_the_leaders_export_is_not_taken_for_the_influencers(files: Files) -> None:
    row = {
        "订单id": f"{LONG}51",
        "订单状态": "订单付款",
        "付款时间": "2026-11-01 10:00:00",
        "服务费率": "3%",
        "结算金额": "1.00",
    }
    assert files.read(row).parsed.format == "douyin_leader_commissions"


def test_an_aftersale_file_is_never_taken_for_orders(files: Files) -> None:
    text = csv_text([without(aftersale(), "售后单号")])
    with pytest.raises(Refused):
        files.parse(files.write(text))
