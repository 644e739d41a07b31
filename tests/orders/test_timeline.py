"""One order whole: events of all its files in their order, earlier states, marks."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from shopdata.errors import NotFound
from shopdata.orders.marks import set_mark
from shopdata.orders.timeline import order_timeline
from shopdata.scope import Scope
from shopdata.store import Store
from tests.imports.conftest import Importer
from tests.imports.shop_files import Line, line_id, order_id
from tests.imports.shop_files import orders as order_file
from tests.ingest.money_files import bill_text, entry, flow_text, inflow, outflow, refund


@pytest.mark.usefixtures("shop")
def test_events_come_in_their_order_from_all_files(store: Store) -> None:
    timeline = order_timeline(store, Scope(), 1, order_id(2))
    assert [(event.at.isoformat(" "), event.key, event.file) for event in timeline.events] == [
        ("2026-10-02 10:00:00", "placed", "orders.csv"),
        ("2026-10-02 10:05:00", "paid", "orders.csv"),
        ("2026-10-02 15:00:00", "shipped", "orders.csv"),
        ("2026-10-02 15:00:00", "parcel_shipped", "parcels.csv"),
        ("2026-10-02 18:00:00", "picked_up", "parcels.csv"),
        ("2026-10-02 19:30:00", "signed", "parcels.csv"),
        ("2026-10-02 20:00:00", "completed", "orders.csv"),
        ("2026-10-02 21:00:00", "aftersale_applied", "refunded.csv"),
        ("2026-10-02 22:00:00", "refunded", "refunded.csv"),
        ("2026-10-02 22:00:00", "aftersale_finished", "refunded.csv"),
    ]
    amounts = {event.key: event.amount for event in timeline.events if event.amount is not None}
    assert amounts == {"paid": 10_000, "refunded": 10_000}
    (commission,) = timeline.commissions
    assert (commission["commission_estimated"], commission["party_name"]) == (1_000, "小美穿搭")
    assert (len(timeline.lines), len(timeline.aftersales), len(timeline.parcels)) == (1, 1, 1)


@pytest.mark.usefixtures("shop")
def test_lines_that_move_together_are_one_event(store: Store) -> None:
    timeline = order_timeline(store, Scope(), 1, order_id(50))
    paid = next(event for event in timeline.events if event.key == "paid")
    assert (paid.subjects, paid.amount) == ((line_id(51), line_id(52)), 20_000)
    assert len(timeline.lines) == 2


def test_earlier_states_stay_with_their_files(bring: Importer, store: Store, tmp_path: Path) -> None:
    bring(order_file(tmp_path / "first.csv", [Line(1, "待发货")]))
    bring(order_file(tmp_path / "second.csv", [Line(1, "已发货")]))
    bring(order_file(tmp_path / "third.csv", [Line(1, "已完成")]))
    states = order_timeline(store, Scope(), 1, order_id(1)).history
    assert [(state.status, state.status_raw, state.file) for state in states] == [
        ("paid", "待发货", "first.csv"),
        ("shipped", "已发货", "second.csv"),
        ("completed", "已完成", "third.csv"),
    ]
    assert states[0].event_at == datetime(2026, 10, 5, 10, 5)


@pytest.mark.usefixtures("shop")
def test_who_may_not_see_buyers_or_money_does_not(store: Store) -> None:
    (line,) = order_timeline(store, Scope(role="operator"), 1, order_id(1)).lines
    assert (line["receiver"], line["address"]) == ("王***", "***")
    assert line["buyer_note"] == "请尽快 ***"
    (line,) = order_timeline(store, Scope(role="shipping"), 1, order_id(4)).lines
    assert (line["receiver"], line["paid_amount"], line["payable_amount"]) == ("王小明", None, None)


@pytest.mark.usefixtures("shop")
def test_an_order_outside_the_scope_is_not_found(store: Store) -> None:
    for scope, order in (
        (Scope(), order_id(999)),
        (Scope(shops=(2,)), order_id(1)),
        (Scope(role="after_sales"), order_id(1)),
    ):
        with pytest.raises(NotFound):
            order_timeline(store, scope, 1, order)


@pytest.mark.usefixtures("shop")
def test_marks_are_part_of_the_story(store: Store) -> None:
    set_mark(store, Scope(user="anna"), [(1, order_id(1))], "priority", "老客户")
    timeline = order_timeline(store, Scope(), 1, order_id(1))
    assert [(mark.mark, mark.note, mark.user) for mark in timeline.marks] == [("priority", "老客户", "anna")]
    assert timeline.order.marks == ("priority",)


@pytest.mark.usefixtures("shop")
def test_settlements_and_movements_of_the_order_are_shown(
    bring: Importer, store: Store, tmp_path: Path
) -> None:
    ids = {"订单号": f"'{order_id(2)}", "子订单号": f"'{line_id(2)}"}
    other = {"订单号": f"'{order_id(4)}", "子订单号": f"'{line_id(4)}"}
    bill, flow = tmp_path / "bill.csv", tmp_path / "flow.csv"
    bill.write_text(bill_text([entry() | ids, refund() | ids, entry(7) | other]), "utf-8-sig")
    later = {"动账时间": "2026-10-20 09:00:00"}
    flow.write_text(
        flow_text([inflow() | ids, outflow(1, "退款-结算后退款-退用户", "79.00") | ids | later, inflow(7)]),
        "utf-8-sig",
    )
    bring(bill, flow, shop="云裳集")
    timeline = order_timeline(store, Scope(), 1, order_id(2))
    assert [row["settled_amount"] for row in timeline.settlements] == [7_900, -7_900]
    assert [(row["scene"], row["amount"]) for row in timeline.funds] == [
        ("settlement", 7_863),
        ("refund_after", 7_900),
    ]
    said = [(event.key, event.amount, event.file) for event in timeline.events[-4:]]
    assert said == [
        ("settled", 7_900, "bill.csv"),
        ("moved", 7_863, "flow.csv"),
        ("settled", -7_900, "bill.csv"),
        ("moved", -7_900, "flow.csv"),
    ]
    (hidden,) = order_timeline(store, Scope(role="shipping"), 1, order_id(4)).settlements
    assert (hidden["status"], hidden["settled_amount"], hidden["platform_fee"]) == ("settled", None, None)
