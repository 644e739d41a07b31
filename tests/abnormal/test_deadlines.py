"""Deadlines across midnight and the end of a month, to the minute, for the rules that have one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from shopdata.store import Store
from tests.abnormal.cases import (
    MORE_AFTERSALE_HEADERS,
    aftersale_cells,
    file,
    parcel_cells,
)
from tests.abnormal.conftest import Bring, found
from tests.abnormal.test_history import at_clock, orders_file, unpaid, waits
from tests.imports.shop_files import AFTERSALE_HEADERS, PARCEL_HEADERS

LATE = "2026-10-29 23:50:00"
PENDING = {"售后申请时间": LATE, "售后状态": "待商家处理", "商家退款时间": "-", "售后完结时间": "-"}
SENT = {"订单状态": "已发货", "订单提交时间": "2026-10-28 10:00:00", "支付完成时间": "2026-10-28 10:01:00",
        "承诺发货时间": "", "发货时间": LATE, "订单完成时间": ""}  # fmt: skip
OLD = {
    "订单提交时间": "2026-10-01 10:00:00",
    "支付完成时间": "2026-10-01 10:01:00",
    "发货时间": "2026-10-01 12:00:00",
}


@dataclass(frozen=True)
class Due:
    """One order (and rows beside it) of a rule: when its hit begins and ends (open), and its deadline."""

    order: Mapping[str, str]
    since: str
    deadline: str
    until: str = ""
    aftersale: Mapping[str, str] = field(default_factory=dict)
    parcel: Mapping[str, str] = field(default_factory=dict)


DUE: Mapping[str, Due] = {
    "ship_due_soon": Due(
        waits("2026-10-30 10:00:00", "2026-11-01 00:00:00"),
        "2026-10-31 12:00:00", "2026-11-01 00:00:00", "2026-11-01 00:00:00",
    ),
    "ship_overdue": Due(
        waits("2026-10-30 10:00:00", "2026-11-01 00:00:00"), "2026-11-01 00:00:00", "2026-11-01 00:00:00"
    ),
    "unpaid": Due(
        unpaid("2026-10-31 23:55:00"),
        "2026-11-01 00:05:00", "2026-11-01 23:55:00", "2026-11-01 23:55:00",
    ),
    "unpaid_large": Due(
        unpaid("2026-10-31 23:55:00", 订单应付金额="9000.00"),
        "2026-11-01 00:05:00", "2026-11-01 23:55:00", "2026-11-01 23:55:00",
    ),
    "aftersale_deadline": Due(OLD, "2026-10-31 11:50:00", "2026-10-31 23:50:00", aftersale=PENDING),
    "return_open": Due(OLD, LATE, "2026-10-31 23:50:00", aftersale=PENDING),
    "logistics_dispute": Due(
        OLD, LATE, "2026-11-01 00:10:00",
        aftersale={**PENDING, "售后状态": "仲裁中", "售后原因": "物流不动",
                   "自动处理截止时间": "2026-11-01 00:10:00"},
    ),
    "malicious_claim": Due(
        OLD, LATE, "2026-10-31 23:50:00", aftersale={**PENDING, "退商品金额（元）": "100.02"}
    ),
    "arbitration_evidence_due": Due(
        OLD, LATE, "2026-11-01 00:10:00",
        aftersale={**PENDING, "售后状态": "仲裁中-待商家举证", "自动处理截止时间": "2026-11-01 00:10:00"},
    ),
    "escalation_possible": Due(
        OLD, "2026-10-25 23:50:00", "2026-11-01 23:50:00", "2026-11-01 23:50:00",
        aftersale={**PENDING, "售后申请时间": "2026-10-24 10:00:00", "售后状态": "拒绝售后申请",
                   "售后完结时间": "2026-10-25 23:50:00"},
    ),
    "return_not_refunded": Due(
        OLD, "2026-10-31 23:50:00", "2026-10-31 23:50:00",
        aftersale={**PENDING, "售后状态": "待商家收货", "退货物流单号": "BACK0000000001"},
        parcel={"运单号": "BACK0000000001", "签收时间": LATE},
    ),
    "refund_exceeds_paid": Due(
        OLD, LATE, "2026-10-30 23:50:00",
        aftersale={"售后申请时间": "2026-10-29 10:00:00", "商家退款时间": LATE, "售后完结时间": LATE,
                   "退商品金额（元）": "100.02"},
    ),
    "pickup_overdue": Due(
        SENT, "2026-10-30 23:50:00", "2026-10-30 23:50:00",
        parcel={"发货时间": LATE, "揽件时间": "", "签收时间": ""},
    ),
}  # fmt: skip


def write(folder: Path, due: Due) -> list[Path]:
    """The files of one order, among thirty usual ones."""
    usual = [(n, {**OLD, "订单完成时间": "2026-10-20 10:00:00"}) for n in range(100, 130)]
    paths = [orders_file(folder, "o.csv", (1, dict(due.order)), *usual)]
    # What stretches the files: a closed case and a delivered parcel of the last minute.
    closed = {"售后单号": f"15{1:017d}", "售后申请时间": "2026-10-31 10:00:00", "售后状态": "售后关闭"}
    if due.aftersale:
        rows = [aftersale_cells(1, due.aftersale), aftersale_cells(100, closed)]
        paths.append(file(folder / "a.csv", (*AFTERSALE_HEADERS, *MORE_AFTERSALE_HEADERS), rows))
    if due.parcel:
        scanned = {"发货时间": "2026-10-02 10:00:00", "揽件时间": "2026-10-02 11:00:00"}
        rows = [parcel_cells(1, due.parcel), parcel_cells(100, scanned)]
        paths.append(file(folder / "p.csv", PARCEL_HEADERS, rows))
    return paths


@pytest.mark.parametrize("rule", DUE)
def test_a_hit_begins_and_ends_to_the_minute(
    store: Store, home: Path, tmp_path: Path, bring: Bring, rule: str
) -> None:
    due, minute = DUE[rule], timedelta(minutes=1)
    at_clock(store, home, "2026-11-01 00:15:00")
    bring(*write(tmp_path, due))
    since, until = datetime.fromisoformat(due.since), due.until and datetime.fromisoformat(due.until)
    moments = [(since - minute, False), (since, True)]
    moments += [(until - minute, True), (until, False)] if until else [(since + minute, True)]
    for moment, is_open in moments:
        at_clock(store, home, moment.isoformat())
        flags = [flag for flag in found(store, rule) if flag.open]
        assert [flag.deadline for flag in flags] == (
            [datetime.fromisoformat(due.deadline)] if is_open else []
        ), moment
