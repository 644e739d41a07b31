"""Cases: what people did about hits, what newer exports made of it, and who may do what."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from shopdata.abnormal.cases import Case, read_case
from shopdata.abnormal.document import document
from shopdata.abnormal.reading import CaseKey, Choice, flags
from shopdata.abnormal.summary import summary
from shopdata.abnormal.taking import record_export
from shopdata.abnormal.working import answer, assign, comment
from shopdata.errors import BadUsage, NotAllowed, NotFound
from shopdata.scope import Scope
from shopdata.store import Store
from shopdata.store.tables import audit
from shopdata.words import words
from tests.abnormal.cases import file, parcel_cells
from tests.abnormal.conftest import Bring, found
from tests.abnormal.test_history import WAITS, orders_file, unpaid, waits
from tests.imports.shop_files import PARCEL_HEADERS, order_id

LI, WANG = Scope(user="li"), Scope(user="wang", role="after_sales")
LATE = waits("2026-10-30 09:00:00", "2026-11-01 09:00:00")
NEWER = (9, unpaid("2026-11-02 11:00:00"))


def key(number: int = 1) -> CaseKey:
    return CaseKey(1, "order", order_id(number))


def case_of(store: Store, number: int = 1) -> Case:
    return read_case(store, LI, key(number))


def done(case: Case) -> list[tuple[str | None, str]]:
    return [(event.user, event.action) for event in case.events]


def open_rules(store: Store, number: int = 1) -> list[str]:
    return [flag.rule for flag in found(store) if flag.order_id == order_id(number)]


@pytest.fixture
def late(store: Store, tmp_path: Path, bring: Bring) -> Store:
    """One order that should have been shipped by now."""
    bring(orders_file(tmp_path, "a.csv", (1, LATE)))
    assert open_rules(store) == ["ship_overdue"]
    return store


def test_an_order_nobody_has_worked_on_is_an_open_case_without_history(late: Store) -> None:
    case = case_of(late)
    assert (case.id, case.state, case.assignee, case.events) == (None, "open", None, ())
    assert [flag.rule for flag in case.hits] == ["ship_overdue"]


def test_who_takes_a_case_works_it_and_it_stays_in_the_queue(late: Store) -> None:
    assert assign(late, WANG, [key()], "wang") == 1
    case = case_of(late)
    assert (case.state, case.assignee, done(case)) == ("in_work", "wang", [("wang", "assigned")])
    (flag,) = flags(late, LI, Choice(assignee="wang"))
    assert flag.case is not None
    assert (flag.case.id, flag.case.state) == (case.id, "in_work")
    assert flags(late, LI, Choice(assignee="li")) == ()


def test_what_was_done_in_the_platform_leaves_the_queue_and_the_figures(late: Store) -> None:
    assert summary(late, LI).n == 1
    answer(late, LI, [key()], "waiting")
    assert open_rules(late) == []
    assert summary(late, LI).n == 0
    assert [flag.rule for flag in flags(late, LI, Choice(state="waiting"))] == ["ship_overdue"]
    assert [flag.open for flag in found(late, past=True)] == [False]


def test_a_newer_export_that_still_shows_it_brings_it_back(late: Store, tmp_path: Path, bring: Bring) -> None:
    answer(late, LI, [key()], "waiting")
    bring(orders_file(tmp_path, "b.csv", (1, LATE), NEWER))
    assert open_rules(late) == ["ship_overdue"]
    case = case_of(late)
    assert (case.state, done(case)) == ("open", [("li", "state"), (None, "returned")])


def test_a_newer_export_of_other_orders_leaves_it_aside(late: Store, tmp_path: Path, bring: Bring) -> None:
    answer(late, LI, [key()], "waiting")
    bring(orders_file(tmp_path, "b.csv", NEWER))
    assert open_rules(late) == []
    assert case_of(late).state == "waiting"


def test_a_newer_export_that_resolves_it_closes_the_case_and_keeps_its_history(
    late: Store, tmp_path: Path, bring: Bring
) -> None:
    comment(late, WANG, key(), "仓库说下午发")
    answer(late, LI, [key()], "waiting")
    shipped = {**LATE, "订单状态": "已发货", "发货时间": "2026-11-01 08:00:00"}
    bring(orders_file(tmp_path, "b.csv", (1, shipped), NEWER))
    case = case_of(late)
    assert (case.state, case.hits) == ("resolved", ())
    assert done(case) == [("wang", "comment"), ("li", "state"), (None, "cleared")]
    assert case.events[0].text == "仓库说下午发"
    assert {(hit.rule, hit.file) for hit in case.gone} == {
        ("ship_due_soon", "b.csv"),
        ("ship_overdue", "b.csv"),
    }


def test_what_was_settled_returns_where_a_deadline_still_runs(
    late: Store, tmp_path: Path, bring: Bring
) -> None:
    answer(late, LI, [key()], "resolved")
    assert open_rules(late) == []
    bring(orders_file(tmp_path, "b.csv", (1, LATE), NEWER))
    assert open_rules(late) == ["ship_overdue"]


def test_a_false_alarm_never_returns(late: Store, tmp_path: Path, bring: Bring) -> None:
    answer(late, LI, [key()], "false_alarm")
    bring(orders_file(tmp_path, "b.csv", (1, LATE), NEWER))
    assert open_rules(late) == []
    assert case_of(late).state == "false_alarm"


def test_another_finding_about_the_same_order_opens_its_case_again(
    store: Store, tmp_path: Path, bring: Bring
) -> None:
    bring(orders_file(tmp_path, "a.csv", (1, unpaid("2026-11-01 13:00:00"))))
    answer(store, LI, [key()], "false_alarm")
    assert open_rules(store) == []
    paid = {**WAITS, "订单提交时间": "2026-11-01 13:00:00", "支付完成时间": "2026-11-01 13:05:00"}
    bring(orders_file(tmp_path, "b.csv", (1, {**paid, "承诺发货时间": "2026-11-02 11:30:00"}), NEWER))
    assert open_rules(store) == ["ship_overdue"]
    assert case_of(store).state == "open"


def test_opening_a_case_again_brings_its_hits_back(late: Store) -> None:
    answer(late, LI, [key()], "false_alarm")
    answer(late, LI, [key()], "open")
    assert open_rules(late) == ["ship_overdue"]


def test_of_two_people_the_second_is_told_what_the_first_did(late: Store) -> None:
    seen = case_of(late).newest
    assign(late, WANG, [key()], "wang", seen=seen)
    with pytest.raises(BadUsage) as refused:
        answer(late, LI, [key()], "resolved", seen=seen)
    assert (refused.value.code, refused.value.details["user"]) == ("case_changed", "wang")
    assert open_rules(late) == ["ship_overdue"]
    comment(late, LI, key(), "我也看到了")
    answer(late, LI, [key()], "resolved", seen=case_of(late).newest)
    assert [user for user, _ in done(case_of(late))] == ["wang", "li", "li"]


def test_many_cases_are_answered_at_once(store: Store, tmp_path: Path, bring: Bring) -> None:
    bring(orders_file(tmp_path, "a.csv", *((number, LATE) for number in range(1, 61))))
    keys = [flag.key for flag in found(store)]
    assert len(set(keys)) == 60
    assert answer(store, LI, keys, "waiting") == 60
    assert found(store) == ()
    assert done(case_of(store, 60)) == [("li", "state")]


@pytest.mark.parametrize("role", ["viewer", "stranger"])
def test_a_role_that_only_reads_works_no_case(late: Store, role: str) -> None:
    with pytest.raises(NotAllowed):
        comment(late, replace(LI, role=role), key(), "x")
    assert case_of(late).id is None


def test_nothing_can_be_opened_about_what_the_shops_do_not_hold(late: Store) -> None:
    for wrong in (key(7), CaseKey(2, "order", order_id(1)), CaseKey(1, "metric_shift", "x")):
        with pytest.raises(NotFound):
            comment(late, LI, wrong, "x")
    with pytest.raises(NotFound):
        comment(late, replace(LI, shops=()), key(), "x")


@pytest.mark.parametrize("text", ["", "  \n", "x" * 2_001])
def test_a_note_needs_words_and_not_too_many(late: Store, text: str) -> None:
    with pytest.raises(BadUsage):
        comment(late, LI, key(), text)


def test_every_step_is_in_the_audit_log_without_what_was_written(late: Store) -> None:
    comment(late, LI, key(), "电话 13800000000")
    answer(late, WANG, [key()], "resolved")
    with late.read() as connection:
        rows = connection.execute(select(audit).where(audit.c.action.startswith("case_"))).all()
    assert [(row.user, row.role, row.action) for row in rows] == [
        ("li", "owner", "case_comment"),
        ("wang", "after_sales", "case_state"),
    ]
    assert not any("13800000000" in row.detail for row in rows)


def test_the_document_names_the_case_of_a_flag(late: Store) -> None:
    (before,) = document(late, LI, words("zh"))["flags"]  # type: ignore[misc]
    assert before["case"] is None
    assign(late, LI, [key()], "li")
    (after,) = document(late, LI, words("zh"))["flags"]  # type: ignore[misc]
    assert after["case"] == {"id": 1, "state": "in_work", "assignee": "li"}


def test_a_case_about_a_waybill_holds_what_was_found_about_its_orders(
    store: Store, tmp_path: Path, bring: Bring
) -> None:
    bring(orders_file(tmp_path, "a.csv", (1, LATE), (2, LATE)))
    parcel = {"运单号": "SF9000000000001", "发货时间": "2026-11-02 10:00:00"}
    bring(file(tmp_path / "p.csv", PARCEL_HEADERS, [parcel_cells(1, parcel)]))
    waybill = CaseKey(1, "waybill", "SF9000000000001")
    comment(store, LI, waybill, "快递说车坏了")
    case = read_case(store, LI, waybill)
    wanted = {flag.rule for flag in found(store, past=True) if flag.order_id == order_id(1)}
    assert {flag.rule for flag in case.hits} == wanted != set()
    assert {flag.order_id for flag in case.hits} == {order_id(1)}
    assert done(case) == [("li", "comment")]


def test_a_case_about_a_waybill_is_resolved_once_nothing_stands_against_its_orders(
    late: Store, tmp_path: Path, bring: Bring
) -> None:
    signed = {
        "发货时间": "2026-11-01 10:00:00",
        "揽件时间": "2026-11-01 12:00:00",
        "签收时间": "2026-11-02 09:00:00",
    }
    bring(
        file(tmp_path / "p.csv", PARCEL_HEADERS, [parcel_cells(1, {"运单号": "SF9000000000001", **signed})])
    )
    waybill = CaseKey(1, "waybill", "SF9000000000001")
    assign(late, LI, [waybill], "li")
    bring(orders_file(tmp_path, "b.csv", (2, LATE), NEWER))
    assert read_case(late, LI, waybill).state == "in_work"
    shipped = {**LATE, "订单状态": "已发货", "发货时间": "2026-11-01 08:00:00"}
    bring(orders_file(tmp_path, "c.csv", (1, shipped), (2, LATE), NEWER))
    case = read_case(late, LI, waybill)
    assert (case.state, done(case)[-1]) == ("resolved", (None, "cleared"))
    assert "ship_overdue" in {hit.rule for hit in case.gone}


@pytest.mark.parametrize(("role", "allowed"), [("owner", True), ("operator", True), ("viewer", False)])
def test_taking_the_queue_away_is_written_down_as_every_export_is(
    late: Store, role: str, allowed: bool
) -> None:
    asker = replace(LI, role=role)
    if allowed:
        record_export(late, asker, "abnormal", 1)
    else:
        with pytest.raises(NotAllowed):
            record_export(late, asker, "abnormal", 1)
    with late.read() as connection:
        rows = connection.execute(select(audit.c.detail).where(audit.c.action == "export")).scalars().all()
    assert [json.loads(row) for row in rows] == ([{"what": "abnormal", "rows": 1}] if allowed else [])
