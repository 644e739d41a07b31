"""Taobao's refund export, older and newer names: what the buyer got back, what kind of case, disputes."""

from __future__ import annotations

from datetime import datetime

import pytest

from tests.ingest.support import Files, Read
from tests.ingest.taobao import REFUNDS_NEW, REFUNDS_OLD, number, old_csv, sheet


def refund(place: int = 0, **cells: str) -> dict[str, str]:
    """A finished case by header, old and new names: 61.12 back to the buyer, 5 to the platform."""
    return {
        "订单编号": number(place),
        "退款编号": f"1062{place:014}",
        "支付宝交易号": "2026110122001",
        "订单付款时间": "2026-11-01 10:00:30",
        "商家编码": "A-1",
        "退款完结时间": "2026-11-07 10:00:00",
        "买家会员名称": f"buyer_{place}",
        "买家实际支付金额": "211.12",
        "宝贝标题": "毛衣",
        "买家退款金额": "61.12",
        "退款总额": "66.12",
        "退给买家金额": "61.12",
        "退给平台金额": "5.00",
        "手工退款/系统退款": "手工退款",
        "是否需要退货": "是",
        "售后类型": "退货退款",
        "退款的申请时间": "2026-11-05 10:00:00",
        "超时时间": "2026-11-15 10:00:00",
        "退款状态": "退款成功",
        "货物状态": "买家已退货",
        "退货物流信息": "SF0220481613112",
        "客服介入状态": "不需客服介入",
        "买家退款原因": "尺码不合适",
        "责任方": "-",
        "售中或售后": "售中",
        "部分退款/全部退款": "部分退款",
    } | cells


def read(files: Files, *rows: dict[str, str], headers: list[str] = REFUNDS_OLD) -> Read:
    return files.parse(files.xlsx(sheet(headers, rows)))


@pytest.mark.parametrize("headers", [REFUNDS_OLD, REFUNDS_NEW], ids=["old", "new"])
@pytest.mark.parametrize("shape", ["gb18030", "utf-8-sig", "xlsx"])
def test_a_case_is_read_cell_by_cell(files: Files, headers: list[str], shape: str) -> None:
    rows = [refund()]
    if shape == "xlsx":
        path = files.xlsx(sheet(headers, rows))
    else:
        path = files.write(old_csv(headers, rows, encoding=shape))
    found = files.parse(path)
    assert (found.parsed.format, found.parsed.kind, found.counts) == (
        "taobao_refunds",
        "aftersales",
        (1, 1, 0),
    )
    assert found.parsed.warnings == ()
    row = found.row
    assert (row["aftersale_id"], row["order_id"]) == ("106200000000000000", number(0))
    assert (row["refund_amount"], row["kind"], row["status"]) == (6112, "return_refund", "refunded")
    assert (row["applied_at"], row["finished_at"]) == (datetime(2026, 11, 5, 10), datetime(2026, 11, 7, 10))
    assert (row["reason"], row["refund_method"], row["dispute"]) == ("尺码不合适", "手工退款", False)


def test_what_went_to_the_platform_is_no_refund(files: Files) -> None:
    headers = [name for name in REFUNDS_NEW if name != "退给买家金额"]
    assert read(files, refund(), headers=headers).row["refund_amount"] == 6112
    headers.remove("退给平台金额")
    assert read(files, refund(), headers=headers).row["refund_amount"] == 6612


@pytest.mark.parametrize(
    ("needed", "goods", "kind"),
    [
        ("是", "买家已退货", "return_refund"),
        ("否", "未发货", "refund_unshipped"),
        ("否", "卖家未发货", "refund_unshipped"),
        ("否", "买家已收到货", "refund_shipped"),
        ("否", "买家未收到货", "unknown"),
        ("否", "", "unknown"),
        ("", "买家已收到货", None),
    ],
)
def test_the_kind_follows_from_goods_to_be_returned(files: Files, needed: str, goods: str, kind: str) -> None:
    assert read(files, refund(0, 是否需要退货=needed, 货物状态=goods), refund(1)).column("kind")[0] == kind


@pytest.mark.parametrize(
    ("word", "kind"),
    [("退货退款", "return_refund"), ("换货", "exchange"), ("补寄", "resend"), ("抱抱", "unknown")],
)
def test_a_kind_in_words_has_its_meaning(files: Files, word: str, kind: str) -> None:
    assert read(files, refund(售后类型=word), headers=REFUNDS_NEW).row["kind"] == kind


@pytest.mark.parametrize(
    ("word", "meaning"),
    [
        ("退款成功", "refunded"),
        ("退款关闭", "closed"),
        ("卖家拒绝退款", "refused"),
        ("买家已经申请退款，等待卖家同意", "merchant_pending"),
        ("卖家已经同意退款，等待买家退货", "buyer_return"),
        ("买家已经退货，等待卖家确认收货", "merchant_receive"),
        ("天知道", "unknown"),
    ],
)
def test_every_state_has_its_meaning(files: Files, word: str, meaning: str) -> None:
    found = read(files, refund(退款状态=word))
    assert (found.row["status"], found.row["status_raw"]) == (meaning, word)
    assert found.warned("unknown_status") == ([("退款状态", word, 1)] if meaning == "unknown" else [])


@pytest.mark.parametrize(
    ("state", "dispute"),
    [("", False), ("不需客服介入", False), ("未介入", False), ("客服已经介入", True), ("天知道", True)],
)
def test_customer_service_stepping_in_is_a_dispute(files: Files, state: str, dispute: bool) -> None:
    assert read(files, refund(客服介入状态=state)).row["dispute"] is dispute


def test_a_case_without_a_number_is_rejected(files: Files) -> None:
    found = read(files, refund(0), refund(1, 退款编号=""))
    assert (found.counts, found.rejects) == ((2, 1, 1), [(3, "id_missing", "退款编号")])
