"""Every movement of a shop's account with the platform: payouts, refunds, withdrawals and charges.

The account opens at zero and is never overdrawn; the closing balance is what all movements add up to.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sample_data.catalog import Shop
from sample_data.settling import Settlement, settlements
from sample_data.truth import Order, by

COMPENSATION, INSURANCE_RATE, TOP_UP = 500, 45, 80_000


@dataclass(frozen=True, slots=True)
class Movement:
    """One line of the account. ``amount``: fen, positive into it; ``settlement``: where it pays one."""

    at: datetime
    scene: str
    amount: int
    settlement: Settlement | None = None
    order: Order | None = None
    case_id: str = ""


def _of_bill(row: Settlement) -> Movement:
    scene = "payout" if row.kind == "settled" else "refund"
    cases = [case.id for case in row.line.aftersales if case.ended_at == row.at]
    return Movement(row.at, scene, row.amount, row, row.order, cases[0] if cases else "")


def _compensations(orders: list[Order], moment: datetime) -> Iterator[Movement]:
    """Five yuan for every quarrel the buyer wins."""
    for order in orders:
        for line in order.lines:
            for case in line.aftersales:
                if case.ruling == "buyer" and by(case.ended_at, moment):
                    yield Movement(
                        case.ended_at + timedelta(minutes=1),
                        "compensation",
                        -COMPENSATION,
                        None,
                        order,
                        case.id,
                    )


def _wished(orders: list[Order], first: datetime, moment: datetime) -> Iterator[Movement]:
    """Charges of the calendar: insurance every night, an advert top-up and a withdrawal every week."""
    paid: dict[object, int] = {}
    for order in orders:
        if order.paid_at:
            paid[order.paid_at.date()] = paid.get(order.paid_at.date(), 0) + 1
    day = datetime.combine(first.date(), time(0, 0))
    while day < moment:
        night = day + timedelta(hours=23, minutes=30)
        if night <= moment:
            yield Movement(night, "insurance", -INSURANCE_RATE * paid.get(day.date(), 0))
        if day.isoweekday() == 5:
            yield Movement(day + timedelta(hours=9, minutes=5), "advert", -TOP_UP)
        if day.isoweekday() == 1:
            yield Movement(day + timedelta(hours=10, minutes=20), "withdrawal", 0)
        day += timedelta(days=1)


def movements(shop: Shop, orders: list[Order], moment: datetime) -> list[Movement]:
    """The account of one shop up to ``moment``, oldest first; charges it cannot bear are left out."""
    bill = [_of_bill(row) for row in settlements(shop, orders, moment)]
    wished = [*bill, *_compensations(orders, moment), *_wished(orders, orders[0].placed_at, moment)]
    wished = [one for one in wished if one.at <= moment]
    wished.sort(key=lambda one: (one.at, one.scene, one.settlement.line.line_id if one.settlement else ""))
    found: list[Movement] = []
    balance = 0
    for one in wished:
        amount = one.amount
        if one.scene == "withdrawal":
            amount = -(balance * 7 // 10 // 10_000 * 10_000)
        if amount == 0 or balance + amount < 0:
            continue
        found.append(Movement(one.at, one.scene, amount, one.settlement, one.order, one.case_id))
        balance += amount
    return found
