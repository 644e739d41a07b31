"""What a rule's record counts: hits that held in 30 days, and what people said of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from shopdata.abnormal.document import document
from shopdata.abnormal.judging import judge
from shopdata.abnormal.precision import Record, records
from shopdata.abnormal.reading import CaseKey
from shopdata.abnormal.working import answer
from shopdata.scope import Scope
from shopdata.store import Store
from shopdata.words import words
from tests.abnormal.conftest import Bring, found
from tests.abnormal.test_history import at_clock, orders_file, unpaid, waits
from tests.imports.shop_files import order_id


def of_order(number: int) -> CaseKey:
    return CaseKey(1, "order", order_id(number))


def test_the_share_is_of_what_people_answered(store: Store, tmp_path: Path, bring: Bring) -> None:
    rows = [(number, unpaid("2026-11-02 09:00:00")) for number in range(1, 6)]
    bring(orders_file(tmp_path, "a.csv", *rows))
    assert len(found(store, "unpaid")) == 5
    assert records(store, Scope())["unpaid"].share is None
    answer(store, Scope(), [of_order(1), of_order(2)], "waiting")
    answer(store, Scope(), [of_order(3)], "resolved")
    answer(store, Scope(), [of_order(4)], "false_alarm")
    one = records(store, Scope())["unpaid"]
    assert one == Record("unpaid", 5, 3, 1)
    assert one.share == 0.75
    answer(store, Scope(), [of_order(4)], "open")
    assert records(store, Scope())["unpaid"].share == 1


def test_what_was_gone_before_it_held_or_held_long_ago_does_not_count(
    store: Store, home: Path, tmp_path: Path, bring: Bring
) -> None:
    """Promised for tomorrow: the warning begins at midnight; shipped before, it never was one."""
    waiting = waits("2026-11-02 08:00:00", "2026-11-03 12:00:00")
    old = waits("2026-09-20 08:00:00", "2026-09-22 08:00:00")
    bring(orders_file(tmp_path, "a.csv", (1, waiting), (2, waiting), (3, old)))
    judge(store)
    assert records(store, Scope())["ship_due_soon"].hits == 0
    assert records(store, Scope())["ship_overdue"].hits == 0
    shipped = {**waiting, "订单状态": "已发货", "发货时间": "2026-11-02 11:00:00"}
    bring(orders_file(tmp_path, "b.csv", (1, shipped), (2, waiting)))
    judge(store)
    at_clock(store, home, "2026-11-03 00:00:00")
    assert records(store, Scope())["ship_due_soon"].hits == 1
    at_clock(store, home, "2026-12-03 00:00:01")
    assert records(store, Scope())["ship_due_soon"].hits == 0


def test_the_document_tells_each_rules_record(store: Store, tmp_path: Path, bring: Bring) -> None:
    bring(orders_file(tmp_path, "a.csv", (1, unpaid("2026-11-02 09:00:00"))))
    assert len(found(store)) == 1
    answer(store, Scope(), [of_order(1)], "false_alarm")
    told: dict[str, Any] = document(store, Scope(), words("zh"))
    mine = next(one for one in told["rules"] if one["rule"] == "unpaid")
    assert mine == {
        "rule": "unpaid",
        "hits_30_days": 1,
        "confirmed": 0,
        "false_alarms": 1,
        "share_confirmed": 0,
    }
