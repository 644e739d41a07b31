"""What a reader of all the sample's files can know: one frozen fact an order, from the generator's own truth.

Each order is known as of the last order export that held it; cases, commissions, parcels as of their files.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sample_data.catalog import Shop, words
from sample_data.facts_of_lines import UNKNOWN, LineFact, line_fact
from sample_data.kuaishou_rows import FAR
from sample_data.shares import shared
from sample_data.truth import Moment, Order, by


@dataclass(frozen=True, slots=True)
class OrderFact:
    """One main order as the files together show it.

    ``tracked``: a waybill file tells whether it was signed; ``transit``: only its first leg is shown.
    """

    shop: str
    platform: str
    order_id: str
    province: str
    as_of: datetime
    aftersales_as_of: datetime
    parcels_as_of: datetime
    placed_at: datetime
    paid_at: Moment
    shipped_at: Moment
    picked_up_at: Moment
    signed_at: Moment
    tracked: bool
    transit: bool
    completed_at: Moment
    completed: bool
    promised_at: Moment
    closed: bool
    presale: bool
    deposit_pending: bool
    refund_applied_at: Moment
    refunded_at: Moment
    refunds: tuple[tuple[datetime, int], ...]
    returned: bool
    disputed: bool
    pay_method: str
    lines: tuple[LineFact, ...]

    @property
    def paid_amount(self) -> int:
        """What the buyer paid, 0 without a payment."""
        return sum(line.paid for line in self.lines) if self.paid_at else 0

    @property
    def refund_amount(self) -> int:
        """Successful refunds."""
        return sum(line.refund_amount for line in self.lines)


@dataclass(frozen=True, slots=True)
class Seen:
    """When an order was last exported, when the other files were, and the last events in both."""

    orders: datetime
    others: datetime
    orders_as_of: datetime
    aftersales_as_of: datetime
    parcels_as_of: datetime


def last_order_event(shop: Shop, orders: Iterable[Order], moment: datetime) -> datetime:
    """The latest time in an order export made at ``moment``; Kuaishou's has none of completion."""
    return max(
        at
        for order in orders
        for event in (
            order.placed_at,
            order.paid_at,
            None if shop.platform == "kuaishou" else order.completed_at,
            *(line.shipped_at for line in order.lines),
        )
        if (at := by(event, moment))
    )


def last_case_event(shop: Shop, orders: Iterable[Order], moment: datetime) -> datetime:
    """The latest time in an after-sale export of ``moment``; Douyin's money arrives three minutes later."""
    late = timedelta(minutes=3)
    cases = [case for order in orders for line in order.lines for case in line.aftersales]
    if shop.platform != "douyin":
        return max(at for case in cases for e in (case.applied_at, case.ended_at) if (at := by(e, moment)))
    arrivals = [at + late for case in cases if (at := case.refunded_at(moment))]
    events = [e for c in cases for e in (c.applied_at, c.agreed_at, c.return_shipped_at, c.ended_at)]
    return max(at for event in (*events, *arrivals) if (at := by(event, moment)))


def last_parcel_event(orders: Iterable[Order], moment: datetime) -> datetime:
    """The latest time in a parcel export of ``moment``."""
    parcels = [parcel for order in orders for parcel in order.parcels(moment)]
    events = [e for p in parcels for e in (p.shipped_at, p.picked_up_at, p.signed_at)]
    return max(at for event in events if (at := by(event, moment)))


def _promised(shop: Shop, order: Order) -> Moment:
    return None if shop.platform == "taobao" else order.promised_at


def _pay_method(shop: Shop, order: Order, seen_at: datetime) -> str:
    if shop.platform == "taobao" or not by(order.paid_at, seen_at):
        return UNKNOWN
    return order.pay_method if shop.platform == "douyin" else str(words()["kuaishou"]["pay_method"])


def fact(order: Order, seen: Seen, shop: Shop) -> OrderFact:
    """The order as last exported, with its cases, commissions and parcels as their files show them."""
    seen_at, data_at = seen.orders, seen.others
    states = [order.line_status(line, seen_at) for line in order.lines]
    ships_by = data_at if shop.platform == "taobao" else seen_at
    shipped = [at for line in order.lines if (at := by(line.shipped_at, ships_by))]
    parcels = order.parcels(data_at)
    picked = [at for parcel in parcels if (at := by(parcel.picked_up_at, data_at))]
    signed = [by(parcel.signed_at, data_at) for parcel in parcels]
    arrived = [at for at in signed if at]
    cases = [case for line in order.lines for case in line.aftersales if case.applied_at <= data_at]
    back = [case for case in cases if case.refunded_at(data_at)]
    completed = "completed" in states
    lines = tuple(line_fact(shop, order, line, seen_at, data_at) for line in order.lines)
    transit = shop.platform == "kuaishou" and order.place.lane == FAR
    return OrderFact(
        shop=shop.name,
        platform=shop.platform,
        order_id=order.order_id,
        province=order.place.code,
        as_of=seen.orders_as_of,
        aftersales_as_of=seen.aftersales_as_of,
        parcels_as_of=seen.parcels_as_of,
        placed_at=order.placed_at,
        paid_at=by(order.paid_at, seen_at),
        shipped_at=min(shipped, default=None),
        picked_up_at=min(picked, default=None),
        signed_at=max(arrived) if arrived and len(arrived) == len(parcels) and not transit else None,
        tracked=not transit and (bool(arrived) or shop.platform != "kuaishou"),
        transit=transit and bool(shipped),
        completed_at=by(order.completed_at, seen_at) if completed and shop.platform != "kuaishou" else None,
        completed=completed,
        promised_at=_promised(shop, order),
        closed=all(state == "closed" for state in states),
        presale=order.presale_at is not None,
        deposit_pending="deposit" in states,
        refund_applied_at=min((case.applied_at for case in back), default=None),
        refunded_at=min((case.ended_at for case in back), default=None),
        refunds=tuple((case.ended_at, case.refund_amount) for case in back),
        returned=any(case.kind == "return_refund" for case in back),
        disputed=any(case.disputed_at is not None and case.disputed_at <= data_at for case in cases),
        pay_method=_pay_method(shop, order, seen_at),
        lines=shared(shop, order, lines, data_at),
    )
