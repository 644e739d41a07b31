"""Suspended rules: by province, courier and day; counted, shown, ended; the next holiday as a proposal."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from shopdata.abnormal.attention import attention
from shopdata.abnormal.document import document
from shopdata.abnormal.reading import Choice, flags
from shopdata.abnormal.suspending import Proposal, end_suspension, proposal, suspend, suspended
from shopdata.abnormal.suspensions import SUSPENDABLE
from shopdata.errors import BadUsage, NotAllowed, NotFound
from shopdata.imports.preferences import remove_sample
from shopdata.scope import Scope
from shopdata.store import Store
from shopdata.store.suspension_tables import suspensions
from shopdata.store.tables import audit
from shopdata.words import words
from tests.abnormal.cases import file, parcel_cells, shipped
from tests.abnormal.conftest import Bring, found
from tests.abnormal.test_history import at_clock, orders_file, unpaid, waits
from tests.imports.shop_files import PARCEL_HEADERS, order_id

LATE = waits("2026-10-29 09:00:00", "2026-10-31 09:00:00")
ZHEJIANG = {"省": "浙江省", "市": "杭州市", "区": "西湖区"}
FROM, TO = date(2026, 11, 1), date(2026, 11, 5)


@pytest.fixture
def late(store: Store, tmp_path: Path, bring: Bring) -> Store:
    """Two overdue orders in Guangdong, one in Zhejiang, and an unpaid one."""
    rows = (1, LATE), (2, LATE), (3, {**LATE, **ZHEJIANG}), (4, unpaid("2026-11-02 10:00:00"))
    bring(orders_file(tmp_path, "a.csv", *rows))
    return store


def overdue(store: Store) -> set[str | None]:
    return {flag.order_id for flag in found(store, "ship_overdue")}


def test_a_suspension_of_a_province_leaves_the_others_open(late: Store) -> None:
    number = suspend(late, Scope(user="li"), 1, from_day=FROM, to_day=TO, province="440000")
    assert overdue(late) == {order_id(3)}
    assert {flag.rule for flag in found(late)} == {"ship_overdue", "unpaid"}
    (held,) = suspended(late, Scope()).items()
    assert (held[0].id, held[0].province, held[1]) == (number, "440000", 2)
    every = flags(late, Scope(), Choice(with_past=True))
    away = [flag for flag in every if flag.suspended_until]
    assert {flag.order_id for flag in away} == {order_id(1), order_id(2)}
    assert [(flag.open, flag.suspended_until) for flag in away] == [(False, TO)] * 2
    assert set(flags(late, Scope(), Choice(suspended=True))) == set(away)
    assert next(item.n for item in attention(late, Scope()) if item.key == "ship_overdue") == 1


@pytest.mark.parametrize(
    ("now", "open_now"),
    [
        ("2026-10-31 23:59:59", 3),
        ("2026-11-01 00:00:00", 1),
        ("2026-11-05 23:59:59", 1),
        ("2026-11-06 00:00:00", 3),
    ],
)
def test_a_suspension_holds_from_its_first_day_to_the_end_of_its_last(
    late: Store, home: Path, now: str, open_now: int
) -> None:
    suspend(late, Scope(), 1, from_day=FROM, to_day=TO, province="440000")
    at_clock(late, home, now)
    assert len(overdue(late)) == open_now


def test_a_suspension_of_a_courier_knows_it_from_the_parcels(
    store: Store, tmp_path: Path, bring: Bring
) -> None:
    bring(orders_file(tmp_path, "a.csv", *((number, dict(shipped(-30).order)) for number in (1, 2))))
    told = dict(shipped(-30).parcel or {})
    rows = [
        parcel_cells(1, told),
        parcel_cells(2, {**told, "快递公司": "圆通速递", "运单号": "YT0000000000002"}),
    ]
    bring(file(tmp_path / "p.csv", PARCEL_HEADERS, rows))
    assert len(found(store, "pickup_overdue")) == 2
    suspend(store, Scope(), 1, from_day=FROM, to_day=TO, courier="圆通速递", rules=("pickup_overdue",))
    assert [flag.order_id for flag in found(store, "pickup_overdue")] == [order_id(1)]
    assert len(found(store, "tracking_stale")) == 2


def test_ending_a_suspension_opens_its_hits_and_both_are_audited(late: Store) -> None:
    number = suspend(late, Scope(user="li"), 1, from_day=FROM, to_day=TO, reason="暴雪")
    assert overdue(late) == set()
    end_suspension(late, Scope(user="wang"), number)
    assert len(overdue(late)) == 3
    assert suspended(late, Scope()) == {}
    with pytest.raises(NotFound):
        end_suspension(late, Scope(), number)
    with late.read() as connection:
        (row,) = connection.execute(select(suspensions))
        kept = connection.execute(select(audit.c.user, audit.c.action, audit.c.detail)).all()
    assert (row.reason, row.user, row.ended_by) == ("暴雪", "li", "wang")
    told = {action: (user, json.loads(detail)) for user, action, detail in kept}
    assert (told["suspended"][0], told["suspension_ended"][0]) == ("li", "wang")
    assert told["suspended"][1]["from_day"] == "2026-11-01"


def test_of_two_suspensions_the_one_that_lasts_longer_is_told(late: Store) -> None:
    suspend(late, Scope(), 1, from_day=FROM, to_day=TO)
    longer = suspend(late, Scope(), 1, from_day=FROM, to_day=date(2026, 11, 30), province="330000")
    until = {flag.order_id: flag.suspended_until for flag in flags(late, Scope(), Choice(suspended=True))}
    assert until == {order_id(1): TO, order_id(2): TO, order_id(3): date(2026, 11, 30)}
    assert {one.id: n for one, n in suspended(late, Scope()).items()} == {longer: 1, 1: 2}


@pytest.mark.parametrize(
    ("role", "change", "fault"),
    [
        ("viewer", {}, NotAllowed),
        ("owner", {"rules": ("refund_exceeds_paid",)}, BadUsage),
        ("owner", {"rules": ()}, BadUsage),
        ("owner", {"to_day": date(2026, 10, 31)}, BadUsage),
        ("owner", {"to_day": date(2027, 3, 1)}, BadUsage),
        ("owner", {"province": "999999"}, BadUsage),
        ("owner", {"reason": "x" * 201}, BadUsage),
    ],
)
def test_a_suspension_that_cannot_be_is_refused(
    late: Store, role: str, change: dict[str, Any], fault: type[Exception]
) -> None:
    with pytest.raises(fault):
        suspend(late, Scope(role=role), 1, **{"from_day": FROM, "to_day": TO, **change})
    assert len(overdue(late)) == 3


def test_another_shops_suspension_concerns_nobody_else(late: Store) -> None:
    with pytest.raises(NotFound):
        suspend(late, Scope(), 7, from_day=FROM, to_day=TO)


def test_the_document_tells_what_is_suspended(late: Store) -> None:
    suspend(late, Scope(user="li"), 1, from_day=FROM, to_day=TO, province="440000", reason="暴雪")
    told: dict[str, Any] = document(late, Scope(), words("zh"), with_past=True)
    (one,) = told["suspensions"]
    assert one | {"rules": 0} == {
        "id": 1, "shop": "店", "rules": 0, "province": "440000", "courier": None, "from": "2026-11-01",
        "to": "2026-11-05", "reason": "暴雪", "user": "li", "hits": 2,
    }  # fmt: skip
    assert one["rules"] == list(SUSPENDABLE)
    away = [flag["suspended_until"] for flag in told["flags"] if flag["suspended_until"]]
    assert away == ["2026-11-05"] * 2


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2025-12-20 08:00:00", Proposal("spring_festival", date(2026, 2, 15), date(2026, 2, 23), True)),
        ("2026-09-20 08:00:00", Proposal("national_day", date(2026, 10, 1), date(2026, 10, 7), True)),
        ("2026-11-10 08:00:00", Proposal("spring_festival", date(2027, 2, 5), date(2027, 2, 11), False)),
        ("2026-10-20 08:00:00", None),
    ],
)
def test_the_next_long_holiday_is_proposed_when_it_comes_near(
    store: Store, home: Path, now: str, expected: Proposal | None
) -> None:
    at_clock(store, home, now)
    assert proposal(store) == expected


def test_taking_the_sample_out_takes_its_suspensions(late: Store) -> None:
    suspend(late, Scope(), 1, from_day=FROM, to_day=TO)
    with late.write() as connection:
        connection.exec_driver_sql("UPDATE shops SET is_sample = true")
    remove_sample(late, Scope())
    with late.read() as connection:
        assert connection.execute(select(suspensions)).all() == []
