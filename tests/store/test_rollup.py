"""``orders`` is what its lines, after-sales, parcels and commissions say, whichever came first."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from shopdata.store import Store, doctor
from shopdata.store.tables import ORDER_LINES, orders

from .conftest import Bring, line

DAY = datetime(2026, 10, 1, 9)
HOUR = timedelta(hours=1)


def order(store: Store, order_id: str = "1") -> Any:
    with store.read() as connection:
        return connection.execute(select(orders).where(orders.c.order_id == order_id)).one()


def refund(number: str, **state: Any) -> dict[str, Any]:
    return {"aftersale_id": number, "order_id": "1", "event_at": DAY, **state}


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        (["paid"], "paid"),
        (["completed", "shipped"], "shipped"),
        (["closed", "completed"], "completed"),
        (["closed", "closed"], "closed"),
        (["closed", "unknown"], "unknown"),
        (["unknown", "paid"], "paid"),
        (["deposit_paid"], "deposit_paid"),
    ],
)
def test_an_order_is_as_far_as_its_slowest_open_line(
    store: Store, bring: Bring, states: list[str], expected: str
) -> None:
    bring([line(str(place), "1", status=status) for place, status in enumerate(states)])
    assert order(store).status == expected


@pytest.mark.parametrize(
    ("state", "paid", "paid_at"),
    [
        ({"status": "paid", "paid_at": DAY}, True, DAY),
        ({"status": "closed", "paid_at": None}, False, None),
        ({"status": "closed", "paid_at": DAY}, True, DAY),
        ({"status": "shipped", "paid_by_status": True}, True, None),
        ({"status": "closed", "paid_by_status": None}, None, None),
        ({"status": "unpaid", "paid_by_status": False}, False, None),
        ({"status": "deposit_paid", "paid_at": DAY}, False, None),
        ({"status": "shipped", "paid_at": None, "pay_method": "货到付款"}, False, None),
        (
            {"status": "completed", "paid_at": None, "completed_at": DAY, "pay_method": "货到付款"},
            True,
            DAY,
        ),
    ],
)
def test_paid_means_paid(
    store: Store, bring: Bring, state: dict[str, Any], paid: bool | None, paid_at: datetime | None
) -> None:
    bring([line("1", **state)])
    found = order(store)
    assert (found.is_paid, found.paid_at) == (paid, paid_at)


def test_money_and_units_are_sums_over_lines_and_sources_mix(store: Store, bring: Bring) -> None:
    bring(
        [
            line(
                "a", "1", paid_amount=1001, payable_amount=1100, quantity=2, source="live", influencer_id="7"
            ),
            line("b", "1", paid_amount=99, payable_amount=100, quantity=1, source="live", influencer_id=None),
            line("c", "2", paid_amount=5, quantity=1, source="live", influencer_id="7"),
        ]
    )
    first, second = order(store), order(store, "2")
    assert (first.lines, first.units, first.paid_amount, first.payable_amount) == (2, 3, 1100, 1200)
    assert (first.source, first.influencer_id) == ("live", "mixed")
    assert (second.lines, second.source, second.influencer_id) == (1, "live", "7")


def test_only_successful_refunds_are_money_and_an_exchange_is_neither(store: Store, bring: Bring) -> None:
    rows = [
        refund("1", status="refunded", kind="return_refund", refund_amount=500, applied_at=DAY + HOUR),
        refund("2", status="refunded", kind="refund_shipped", refund_amount=70, applied_at=DAY),
        refund("3", status="closed", kind="refund_shipped", refund_amount=9000, applied_at=DAY - HOUR),
        refund("4", status="refunded", kind="exchange", refund_amount=1, applied_at=DAY - HOUR),
        refund("5", status="merchant_pending", kind="repair", dispute=True),
    ]
    bring(rows, entity="aftersales")
    bring([line("1", status="completed")])
    found = order(store)
    assert (found.refund_amount, found.is_refunded, found.is_returned) == (570, True, True)
    assert (found.refund_applied_at, found.is_disputed, found.has_open_aftersale) == (DAY, True, True)


def test_an_order_whose_line_turns_out_to_be_of_another_is_gone(store: Store, bring: Bring) -> None:
    bring([line("a", "1", paid_amount=70, event_at=DAY), line("b", "1", paid_amount=5, event_at=DAY)])
    bring([line("a", "2", paid_amount=70, event_at=DAY + HOUR)])
    assert (order(store).paid_amount, order(store, "2").paid_amount) == (5, 70)
    bring([line("b", "2", paid_amount=5, event_at=DAY + HOUR)])
    with store.read() as connection:
        assert connection.execute(select(orders.c.order_id, orders.c.paid_amount)).all() == [("2", 75)]


def test_a_refund_that_turns_out_to_be_of_another_order_leaves_the_first(store: Store, bring: Bring) -> None:
    refunded = {"status": "refunded", "kind": "return_refund", "refund_amount": 500, "applied_at": DAY}
    bring([line("1"), line("2", "2")])
    bring([refund("a", **refunded)], entity="aftersales")
    bring([refund("a", **refunded) | {"order_id": "2", "event_at": DAY + HOUR}], entity="aftersales")
    assert (order(store).refund_amount, order(store).is_refunded) == (0, False)
    assert (order(store, "2").refund_amount, order(store, "2").is_refunded) == (500, True)


def test_the_order_files_word_tells_a_refund_but_not_how_much(store: Store, bring: Bring) -> None:
    bring([line("1", aftersale_status="refunded"), line("2", aftersale_status="refunding")])
    found = order(store)
    assert (found.is_refunded, found.refund_amount, found.is_returned) == (True, 0, False)
    assert order(store, "2").has_open_aftersale


def test_an_order_is_signed_when_all_its_parcels_are(store: Store, bring: Bring) -> None:
    def parcel(waybill: str, signed_at: datetime | None) -> dict[str, Any]:
        return {"waybill": waybill, "order_id": "1", "signed_at": signed_at, "event_at": signed_at or DAY}

    bring([line("1", status="shipped")])
    bring([parcel("A", DAY), parcel("B", None)], entity="parcels")
    found = order(store)
    assert (found.parcels, found.parcels_signed, found.signed_at) == (2, 1, None)
    bring([parcel("B", DAY + HOUR)], entity="parcels")
    assert (order(store).parcels_tracked, order(store).signed_at) == (2, DAY + HOUR)
    bring([line("1", status="shipped", waybill="C", event_at=DAY + HOUR)])
    found = order(store)
    assert (found.parcels, found.parcels_tracked, found.signed_at) == (3, 2, None)


def test_a_parcel_only_an_order_file_knows_says_nothing_of_signing(store: Store, bring: Bring) -> None:
    rows = [{"waybill": "A", "order_id": "1", "courier": "SF", "event_at": DAY}]
    bring([line("1")])
    bring(rows, entity="parcels")
    assert (order(store).parcels, order(store).parcels_tracked) == (1, 0)


@pytest.mark.parametrize("first", ["lines", "commissions"])
def test_a_commission_file_fills_only_an_open_source(store: Store, bring: Bring, first: str) -> None:
    lines = [line("a", source="pending"), line("b", source="other"), line("c", source="unknown")]
    known = [
        {"party": "influencer", "party_id": "7", "line_id": key, "source": "live", "event_at": DAY}
        for key in "abc"
    ]
    steps = [(lines, "order_lines"), (known, "commissions")]
    for rows, entity in steps if first == "lines" else reversed(steps):
        bring(rows, entity=entity)
    found = [order(store, key).source for key in "abc"]
    assert found == ["live", "other", "live"]
    bring([line("a", source="showcase", event_at=DAY - HOUR)])
    assert order(store, "a").source == "showcase"
    with store.read() as connection:
        row = connection.execute(select(ORDER_LINES.table).where(ORDER_LINES.table.c.line_id == "a")).one()
    assert row.source_exported is None


def test_the_payment_of_a_presale_is_its_balance(store: Store, bring: Bring) -> None:
    bring([line("1", status="paid", paid_at=DAY)])
    balance = {"party": "influencer", "party_id": "7", "line_id": "1", "balance_paid_at": DAY + HOUR}
    bring([{**balance, "deposit_amount": 100, "event_at": DAY}], entity="commissions")
    assert (order(store).is_presale, order(store).paid_at) == (True, DAY + HOUR)


@pytest.mark.parametrize("turn", list(itertools.permutations(range(2))))
def test_an_order_in_both_forms_counts_once(store: Store, bring: Bring, turn: tuple[int, ...]) -> None:
    later = DAY + 9 * HOUR
    files = [
        [line("a", "1", paid_amount=60, status="paid"), line("b", "1", paid_amount=40, status="paid")],
        [line("1", "1", grain="order", paid_amount=110, status="completed", event_at=later)],
    ]
    for place in turn:
        bring(files[place])
    found = order(store)
    assert (found.paid_amount, found.lines, found.status) == (100, 2, "completed")
    assert doctor(store).ok


def test_a_side_file_makes_no_order(store: Store, bring: Bring) -> None:
    bring([refund("1", status="refunded")], entity="aftersales")
    with store.read() as connection:
        assert connection.execute(select(orders)).all() == []


def test_a_parcel_of_two_orders_is_one_row_of_the_file(store: Store, bring: Bring) -> None:
    def rows(signed_at: datetime | None) -> list[dict[str, Any]]:
        return [
            {"waybill": "A", "order_id": key, "signed_at": signed_at, "event_at": signed_at or DAY}
            for key in "12"
        ]

    first = bring(rows(None), entity="parcels", per_row=2)
    again = bring(rows(DAY + HOUR), entity="parcels", per_row=2)
    same = bring(rows(DAY + HOUR), entity="parcels", per_row=2)
    assert [(one.new, one.updated, one.unchanged) for one in (first, again, same)] == [
        (1, 0, 0),
        (0, 1, 0),
        (0, 0, 1),
    ]


@pytest.mark.parametrize("turn", list(itertools.permutations(range(2))))
def test_lines_without_money_tell_the_goods_and_the_order_row_the_money(
    store: Store, bring: Bring, turn: tuple[int, ...]
) -> None:
    whole = line("1", "1", grain="order", paid_amount=110, freight_amount=10, quantity=9, buyer_id="b")
    files = [
        [
            line("a", "1", quantity=2, unit_price=60, placed_at=None),
            line("b", "1", quantity=1, unit_price=40),
        ],
        [whole | {"status": "shipped", "paid_at": DAY}],
    ]
    for place in turn:
        bring(files[place])
    found = order(store)
    assert (found.lines, found.units, found.paid_amount, found.freight_amount) == (2, 3, 110, 10)
    assert (found.status, found.is_paid, found.buyer_id, found.placed_at) == ("shipped", True, "b", DAY)
    with store.read() as connection:
        rows = connection.execute(select(ORDER_LINES.table.c.line_id, ORDER_LINES.table.c.counted)).all()
    assert dict(map(tuple, rows)) == {"a": True, "b": True, "1": False}
    assert doctor(store).ok


def test_a_form_without_a_state_has_no_say_in_it(store: Store, bring: Bring) -> None:
    later = DAY + HOUR
    bring([line("1", "1", grain="order", status="shipped", paid_at=DAY)])
    bring([line("a", "1", quantity=2, event_at=later, placed_at=DAY)], ["order_id", "placed_at", "quantity"])
    assert (order(store).status, order(store).is_shipped) == ("shipped", True)


def test_a_refund_either_form_knows_is_a_refund(store: Store, bring: Bring) -> None:
    bring([line("a", "1", status="completed", aftersale_status="refunded")])
    bring([line("1", "1", grain="order", status="completed", event_at=DAY + HOUR)])
    assert order(store).is_refunded
