"""Hits over time: the clock passes, newer exports resolve them, undoing brings them back."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from shopdata.abnormal import judging
from shopdata.abnormal.document import why
from shopdata.abnormal.judging import judge
from shopdata.errors import DiskFull
from shopdata.imports.undo import undo
from shopdata.ingest.client import Parser
from shopdata.store import Store
from shopdata.store.abnormal_tables import abnormal_due, abnormal_hits, note_shop
from shopdata.store.tables import imports, orders
from shopdata.words import words
from tests.abnormal.cases import (
    MORE_ORDER_HEADERS,
    SETTLEMENT_HEADERS,
    commission_cells,
    file,
    order_cells,
    parcel_cells,
    settlement_cells,
)
from tests.abnormal.conftest import Bring, found, settings_in
from tests.imports.shop_files import COMMISSION_HEADERS, ORDER_HEADERS, PARCEL_HEADERS, line_id, order_id

LATER = "2026-11-02 12:00:00"
WAITS = {"订单状态": "待发货", "发货时间": "", "订单完成时间": ""}
UNPAID = {"订单状态": "待支付", "支付完成时间": "", "承诺发货时间": "", "发货时间": "", "订单完成时间": ""}


def orders_file(folder: Path, name: str, *rows: tuple[int, dict[str, str]]) -> Path:
    headers = (*ORDER_HEADERS, *MORE_ORDER_HEADERS)
    return file(folder / name, headers, [order_cells(number, cells) for number, cells in rows])


def unpaid(placed: str, **more: str) -> dict[str, str]:
    return {**UNPAID, "订单提交时间": placed, **more}


def waits(paid: str, promise: str) -> dict[str, str]:
    return {**WAITS, "订单提交时间": paid, "支付完成时间": paid, "承诺发货时间": promise}


def rows_of(store: Store, rule: str) -> list[Any]:
    judge(store)
    query = select(abnormal_hits).where(abnormal_hits.c.rule == rule).order_by(abnormal_hits.c.found_import)
    with store.read() as connection:
        return list(connection.execute(query.order_by(abnormal_hits.c.gone_at.nulls_last())))


def at_clock(store: Store, home: Path, now: str) -> None:
    store.settings = settings_in(home, datetime.fromisoformat(now))


@pytest.mark.parametrize(
    ("now", "rule", "severity"),
    [
        ("2026-11-01 11:49:59", "", ""),
        ("2026-11-01 11:50:00", "ship_due_soon", "medium"),
        ("2026-11-01 19:50:00", "ship_due_soon", "high"),
        ("2026-11-01 23:49:59", "ship_due_soon", "high"),
        ("2026-11-01 23:50:00", "ship_overdue", "high"),
    ],
)
def test_time_passes_without_being_judged_anew(
    store: Store, home: Path, tmp_path: Path, bring: Bring, now: str, rule: str, severity: str
) -> None:
    """Paid ten minutes before midnight, two days before a month ends, without a promise."""
    at_clock(store, home, "2026-10-31 12:00:00")
    bring(orders_file(tmp_path, "a.csv", (1, waits("2026-10-30 23:50:00", ""))))
    judge(store)
    at_clock(store, home, now)
    flags = found(store)
    assert [(flag.rule, flag.severity) for flag in flags] == ([(rule, severity)] if rule else [])
    assert all(flag.deadline == datetime(2026, 11, 1, 23, 50) for flag in flags)


def test_an_unpaid_order_is_past_after_its_deadline(
    store: Store, home: Path, tmp_path: Path, bring: Bring
) -> None:
    at_clock(store, home, "2026-11-01 00:00:00")
    bring(orders_file(tmp_path, "a.csv", (1, unpaid("2026-10-31 23:30:00"))))
    (flag,) = found(store)
    assert (flag.rule, flag.measure, flag.deadline) == ("unpaid", 0.5, datetime(2026, 11, 1, 23, 30))
    at_clock(store, home, "2026-11-01 23:30:00")
    assert found(store) == ()
    assert [flag.open for flag in found(store, past=True)] == [False]


def test_a_newer_export_resolves_a_hit_and_its_history_stays(
    store: Store, tmp_path: Path, bring: Bring, parser: Parser
) -> None:
    bring(orders_file(tmp_path, "a.csv", (1, unpaid("2026-11-02 10:00:00"))))
    assert [flag.rule for flag in found(store)] == ["unpaid"]
    paid = {"订单提交时间": "2026-11-02 10:00:00", "支付完成时间": "2026-11-02 10:30:00", "承诺发货时间": ""}
    bring(orders_file(tmp_path, "b.csv", (1, {**WAITS, **paid})))
    assert found(store) == ()
    (row,) = rows_of(store, "unpaid")
    assert (row.found_import, row.gone_import, row.gone_at) == (1, 2, store.settings.now())
    undo(store, 2, "local", parser=parser)
    assert [flag.rule for flag in found(store)] == ["unpaid"]
    assert [row.gone_at is None for row in rows_of(store, "unpaid")] == [False, True]


def test_undoing_the_only_file_takes_its_hits(
    store: Store, tmp_path: Path, bring: Bring, parser: Parser
) -> None:
    bring(orders_file(tmp_path, "a.csv", (1, unpaid("2026-11-02 10:00:00"))))
    assert len(found(store)) == 1
    undo(store, 1, "local", parser=parser)
    assert found(store, past=True) == ()
    assert [row.gone_at is None for row in rows_of(store, "unpaid")] == [False]


def test_a_row_the_newest_export_did_not_show_is_never_newly_late(
    store: Store, tmp_path: Path, bring: Bring
) -> None:
    """Both promises are over by now; only the second order was in the newest file."""
    bring(orders_file(tmp_path, "a.csv", (1, waits("2026-10-30 09:00:00", "2026-11-01 09:00:00"))))
    assert {flag.order_id for flag in found(store, "ship_overdue")} == {order_id(1)}
    bring(orders_file(tmp_path, "b.csv", (2, waits("2026-11-02 08:00:00", "2026-11-02 11:00:00"))))
    assert {flag.order_id for flag in found(store, "ship_overdue")} == {order_id(2)}


def test_old_data_is_judged_at_its_own_time_and_its_deadline_by_the_wall_clock(
    store: Store, home: Path, tmp_path: Path, bring: Bring
) -> None:
    store.settings = type(store.settings)(home, store.settings.database_url, sample=False)
    long_ago = datetime.now() - timedelta(days=40)
    paid = f"{long_ago:%Y-%m-%d %H:%M:%S}"
    bring(
        orders_file(tmp_path, "a.csv", (1, waits(paid, f"{long_ago + timedelta(hours=5):%Y-%m-%d %H:%M:%S}")))
    )
    (flag,) = found(store)
    assert flag.rule == "ship_due_soon"
    assert flag.measure is not None
    assert flag.measure < -39 * 24
    assert "超过承诺发货时间" in why(flag, words("zh"))


def test_only_what_an_import_touched_is_judged_and_the_rest_stays(
    store: Store, tmp_path: Path, bring: Bring
) -> None:
    usual = [(number, {}) for number in range(100, 140)]
    rows = [(1, unpaid("2026-11-02 10:00:00")), (2, unpaid("2026-11-02 10:00:00"))]
    bring(orders_file(tmp_path, "a.csv", *usual, *rows))
    judge(store)
    with store.write() as connection:
        connection.execute(update(abnormal_hits).values(found_import=7))
    bring(orders_file(tmp_path, "b.csv", (3, unpaid("2026-11-02 11:00:00"))))
    assert [row.found_import for row in rows_of(store, "unpaid")] == [2, 7, 7]
    with store.read() as connection:
        assert connection.execute(select(abnormal_due)).all() == []


def test_a_failure_to_judge_shows_the_hits_as_they_are_and_is_made_up_for(
    store: Store, tmp_path: Path, bring: Bring, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring(orders_file(tmp_path, "a.csv", (1, unpaid("2026-11-02 10:00:00"))))
    with monkeypatch.context() as full:
        full.setattr(judging, "_settle", _no_room)
        assert found(store) == ()
    assert [flag.rule for flag in found(store)] == ["unpaid"]


def _no_room(*_: object) -> None:
    raise DiskFull(folder="here")


def test_a_bill_of_long_ago_is_judged_when_it_comes(store: Store, tmp_path: Path, bring: Bring) -> None:
    bring(orders_file(tmp_path, "a.csv", *((number, {}) for number in range(1, 30))))
    assert found(store, "settlement_mismatch", past=True) == ()
    old = {"结算时间": "2025-11-01 10:00:00", "下单时间": "2025-10-20 10:00:00", "支出合计": "4.00"}
    bring(file(tmp_path / "s.csv", SETTLEMENT_HEADERS, [settlement_cells(77, old)]))
    assert [flag.measure for flag in found(store, "settlement_mismatch", past=True)] == [100]


@pytest.fixture
def shared(store: Store, tmp_path: Path, bring: Bring) -> Store:
    """One waybill on two receivers' orders, another on two orders of one receiver."""
    one = {"收件人": "王小明", "详细地址": "体育西路1号"}
    bring(orders_file(tmp_path, "a.csv", (1, {}), (2, {}), (3, one), (4, one)))
    waybills = {1: "SF9000000000001", 2: "SF9000000000001", 3: "SF9000000000002", 4: "SF9000000000002"}
    rows = [parcel_cells(n, {"运单号": w, "发货时间": "2026-11-01 10:00:00"}) for n, w in waybills.items()]
    bring(file(tmp_path / "p.csv", PARCEL_HEADERS, rows))
    return store


def test_one_waybill_for_two_receivers_is_flagged_on_both_orders(shared: Store) -> None:
    assert {flag.order_id for flag in found(shared, "tracking_shared", past=True)} == {
        order_id(1),
        order_id(2),
    }


def test_taking_one_of_them_back_resolves_both(shared: Store, parser: Parser) -> None:
    assert len(found(shared, "tracking_shared", past=True)) == 2
    undo(shared, 2, "local", parser=parser)
    assert found(shared, "tracking_shared", past=True) == ()


def test_paid_over_payable(store: Store, tmp_path: Path, bring: Bring) -> None:
    bring(orders_file(tmp_path, "a.csv", (1, {}), (2, {})))
    with store.write() as connection:
        for number, paid in ((1, 10_002), (2, 10_001)):
            mine = orders.c.order_id == order_id(number)
            connection.execute(update(orders).where(mine).values(paid_amount=paid, payable_amount=10_000))
        note_shop(connection, connection.scalar(select(imports.c.shop_id)) or 0)
    assert [flag.order_id for flag in found(store, "paid_over_payable")] == [order_id(1)]


def with_influencer(number: int) -> tuple[int, dict[str, str]]:
    """An influencer's order of a product card, paid long ago."""
    return number, {"达人ID": "11", "达人昵称": "小美"}


def alliance(number: int, **more: str) -> dict[str, str]:
    return commission_cells(number, {"付款时间": "2026-10-13 12:00:00", "订单状态": "订单付款", **more})


@pytest.mark.parametrize(("line", "hours", "fires"), [(77, 48.1, True), (77, 47.9, False), (3, 48.1, False)])
def test_a_commission_row_without_its_order(
    store: Store, tmp_path: Path, bring: Bring, line: int, hours: float, fires: bool
) -> None:
    """``hours`` from its payment to the newest row of the alliance's file."""
    last = (9, {"订单提交时间": LATER})
    bring(orders_file(tmp_path, "a.csv", *(with_influencer(n) for n in (1, 2, 3)), last))
    paid = f"{datetime.fromisoformat(LATER) - timedelta(hours=hours):%Y-%m-%d %H:%M:%S}"
    rows = [*(alliance(n) for n in (1, 2, 3)), alliance(line, 付款时间=paid), alliance(9, 付款时间=LATER)]
    bring(file(tmp_path / "c.csv", COMMISSION_HEADERS, rows))
    gaps = [flag.line_id for flag in found(store, "commission_missing", past=True)]
    assert gaps == ([line_id(line)] if fires else [])


@pytest.mark.parametrize(("status", "fires"), [("订单付款", True), ("订单失效", False)])
def test_two_influencers_on_one_line(
    store: Store, tmp_path: Path, bring: Bring, status: str, fires: bool
) -> None:
    """A row that is no longer valid does not count."""
    last = (9, {"订单提交时间": LATER})
    bring(orders_file(tmp_path, "a.csv", *(with_influencer(n) for n in (1, 2)), last))
    other = alliance(1, 作者账号="大美", **{"抖音/火山号": "damei", "订单状态": status})
    bring(file(tmp_path / "c.csv", COMMISSION_HEADERS, [alliance(1), alliance(2), other]))
    gaps = [flag.subject for flag in found(store, "commission_missing", past=True)]
    assert gaps == ([f"two|{line_id(1)}"] if fires else [])


def half(number: int, *, sent: bool, **more: str) -> tuple[int, dict[str, str]]:
    """A line of order 1, whose promise is over: shipped in time, or not shipped."""
    late = {"承诺发货时间": "2026-11-01 12:00:00", "支付完成时间": "2026-10-30 12:00:00"}
    state = {"订单状态": "已发货", "发货时间": "2026-10-31 12:00:00", "订单完成时间": ""} if sent else WAITS
    return number, {"主订单编号": order_id(1), **late, **state, **more}


@pytest.mark.parametrize(
    ("first", "second", "parcel", "fires"),
    [
        (True, False, False, True),
        (True, False, True, True),
        (True, True, False, False),
        (False, False, False, True),
        (False, False, True, False),
    ],
)
def test_an_order_of_which_a_line_waits_is_not_shipped_whole(
    store: Store, tmp_path: Path, bring: Bring, *, first: bool, second: bool, parcel: bool, fires: bool
) -> None:
    """Where no line is said to be shipped, a parcel of the order may hold them all."""
    bring(orders_file(tmp_path, "a.csv", half(1, sent=first), half(2, sent=second)))
    if parcel:
        rows = [parcel_cells(1, {"发货时间": "2026-10-31 12:00:00"})]
        bring(file(tmp_path / "p.csv", PARCEL_HEADERS, rows))
    overdue = [flag.order_id for flag in found(store, "ship_overdue")]
    assert overdue == ([order_id(1)] if fires else [])


def test_a_line_that_waits_is_told_in_time_although_another_is_shipped(
    store: Store, tmp_path: Path, bring: Bring
) -> None:
    due = {"承诺发货时间": "2026-11-02 20:00:00"}
    bring(orders_file(tmp_path, "a.csv", half(1, sent=True, **due), half(2, sent=False, **due)))
    assert [flag.order_id for flag in found(store, "ship_due_soon")] == [order_id(1)]
    bring(orders_file(tmp_path, "b.csv", half(1, sent=True, **due), half(2, sent=True, **due)))
    assert found(store, "ship_due_soon") == ()
