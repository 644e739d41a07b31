"""Kuaishou's after-sale export: what was paid back, before or after shipping, with or without arbitration."""

from datetime import datetime

import pytest

from tests.ingest.kuaishou import AFTERSALE, aftersale
from tests.ingest.support import Files, table_rows

FIRST_LEG = "发货快递单号(如为西北订单，仅展示一段物流信息)"


def test_a_case_is_read_cell_by_cell(files: Files) -> None:
    read = files.parse(files.xlsx(table_rows([aftersale()])))
    assert len(AFTERSALE) == 41
    assert (read.parsed.format, read.parsed.kind, read.counts) == (
        "kuaishou_aftersales",
        "aftersales",
        (1, 1, 0),
    )
    assert read.parsed.warnings == ()
    row = read.row
    assert (row["order_id"], row["line_id"]) == (AFTERSALE["订单编号"], AFTERSALE["订单编号"])
    assert (row["kind"], row["status"], row["refund_amount"]) == ("return_refund", "refunded", 129_990)
    assert row["finished_at"] == row["event_at"] == datetime(2026, 11, 9, 8, 30)
    assert (row["reason"], row["reason_tag"]) == ("尺码不合适", "尺码")
    assert row["dispute"] is False


@pytest.mark.parametrize(
    ("state", "waybill", "kind"),
    [
        ("待发货", "", "refund_unshipped"),
        ("已发货", "76543210987654", "refund_shipped"),
        ("交易关闭", "76543210987654", "refund_shipped"),
        ("交易关闭", "", "unknown"),
    ],
)
def test_refund_only_is_before_or_after_shipping_by_the_order_s_state(
    files: Files, state: str, waybill: str, kind: str
) -> None:
    row = aftersale(售后类型="仅退款", 订单状态=state) | {FIRST_LEG: waybill}
    assert files.read(row).row["kind"] == kind


@pytest.mark.parametrize(
    ("word", "status"),
    [("售后成功", "refunded"), ("售后失败", "closed"), ("售后关闭", "closed"), ("别的", "unknown")],
)
def test_the_state_of_a_case_is_its_word(files: Files, word: str, status: str) -> None:
    assert files.read(aftersale(售后状态=word)).row["status"] == status


@pytest.mark.parametrize(
    ("word", "disputed"), [("-", False), ("无", False), ("客服已介入", True), ("别的", True)]
)
def test_any_word_on_arbitration_but_none_is_a_dispute_and_is_kept(
    files: Files, word: str, disputed: bool
) -> None:
    row = files.read(aftersale(客服仲裁=word)).row
    assert row["dispute"] is disputed
    assert row["arbitration"] == (None if word == "-" else word)


def test_its_waybill_is_kept_but_makes_no_parcel(files: Files) -> None:
    read = files.read(aftersale())
    assert read.row["waybill"] == "76543210987654"
    assert set(read.parsed.tables) == {"aftersales"}
    assert read.found("first_leg_waybills") == (1, 1)
