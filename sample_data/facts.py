"""What a reader of all the sample's files can know: one frozen fact an order, from the generator's own truth.

Each order is known as of the last order export that held it; cases, commissions, parcels as of their files.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sample_data.catalog import words
from sample_data.other_rows import Commission, commission, has_commission
from sample_data.truth import Line, Moment, Order, by


@dataclass(frozen=True, slots=True)
class LineFact:
    """One sub-order as the files together show it; amounts in fen."""

    line_id: str
    sku_code: str
    product_id: str
    influencer_id: str
    source: str
    account: str
    quantity: int
    payable: int
    paid: int
    freight: int
    discount: int
    platform_discount: int
    refund_amount: int
    commission: Commission | None


@dataclass(frozen=True, slots=True)
class OrderFact:
    """One main order as the files together show it."""

    shop: str
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
    completed_at: Moment
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


def _source(order: Order, line: Line, seen_at: datetime, data_at: datetime) -> str:
    """The commission file fills a source that the order file did not know yet."""
    source = order.line_source(line, seen_at)
    if source == "pending" and has_commission(order, line, data_at):
        return line.source if line.source in words()["commission_source"] else source
    return source


def _account(line: Line) -> str:
    """Whose account sold the line. Without one the shop did: all such lines say so in their channel."""
    return "influencer" if line.person is not None and not line.person.own else "own"


def _line(order: Order, line: Line, seen_at: datetime, data_at: datetime) -> LineFact:
    back = [case for case in line.aftersales if case.refunded_at(data_at)]
    return LineFact(
        line_id=line.line_id,
        sku_code=line.sku_code,
        product_id=line.product_id,
        influencer_id=line.person.id if line.person else "unknown",
        source=_source(order, line, seen_at, data_at),
        account=_account(line),
        quantity=line.quantity,
        payable=line.payable,
        paid=line.paid,
        freight=line.freight,
        discount=line.discount,
        platform_discount=line.platform_discount,
        refund_amount=sum(case.refund_amount for case in back),
        commission=commission(order, line, data_at) if has_commission(order, line, data_at) else None,
    )


@dataclass(frozen=True, slots=True)
class Seen:
    """When an order was last exported, when the other files were, and the last events in both."""

    orders: datetime
    others: datetime
    orders_as_of: datetime
    aftersales_as_of: datetime
    parcels_as_of: datetime


def last_order_event(orders: Iterable[Order], moment: datetime) -> datetime:
    """The latest time in an order export made at ``moment``."""
    return max(
        at
        for order in orders
        for event in (
            order.placed_at,
            order.paid_at,
            order.completed_at,
            *(line.shipped_at for line in order.lines),
        )
        if (at := by(event, moment))
    )


def last_case_event(orders: Iterable[Order], moment: datetime) -> datetime:
    """The latest time in an after-sale export of ``moment``; money arrives three minutes after refunding."""
    cases = [case for order in orders for line in order.lines for case in line.aftersales]
    arrivals = [at + timedelta(minutes=3) for case in cases if (at := case.refunded_at(moment))]
    events = [e for c in cases for e in (c.applied_at, c.agreed_at, c.return_shipped_at, c.ended_at)]
    return max(at for event in (*events, *arrivals) if (at := by(event, moment)))


def last_parcel_event(orders: Iterable[Order], moment: datetime) -> datetime:
    """The latest time in a parcel export of ``moment``."""
    parcels = [parcel for order in orders for parcel in order.parcels(moment)]
    events = [e for p in parcels for e in (p.shipped_at, p.picked_up_at, p.signed_at)]
    return max(at for event in events if (at := by(event, moment)))


def fact(order: Order, seen: Seen, shop_name: str) -> OrderFact:
    """The order as last exported, with its cases, commissions and parcels as their files show them."""
    seen_at, data_at = seen.orders, seen.others
    states = [order.line_status(line, seen_at) for line in order.lines]
    shipped = [at for line in order.lines if (at := by(line.shipped_at, seen_at))]
    parcels = order.parcels(data_at)
    picked = [at for parcel in parcels if (at := by(parcel.picked_up_at, data_at))]
    signed = [by(parcel.signed_at, data_at) for parcel in parcels]
    arrived = [at for at in signed if at]
    cases = [case for line in order.lines for case in line.aftersales if case.applied_at <= data_at]
    back = [case for case in cases if case.refunded_at(data_at)]
    return OrderFact(
        shop=shop_name,
        order_id=order.order_id,
        province=order.place.code,
        as_of=seen.orders_as_of,
        aftersales_as_of=seen.aftersales_as_of,
        parcels_as_of=seen.parcels_as_of,
        placed_at=order.placed_at,
        paid_at=by(order.paid_at, seen_at),
        shipped_at=min(shipped, default=None),
        picked_up_at=min(picked, default=None),
        signed_at=max(arrived) if arrived and len(arrived) == len(parcels) else None,
        completed_at=by(order.completed_at, seen_at) if "completed" in states else None,
        promised_at=order.promised_at,
        closed=all(state == "closed" for state in states),
        presale=order.presale_at is not None,
        deposit_pending="deposit" in states,
        refund_applied_at=min((case.applied_at for case in back), default=None),
        refunded_at=min((case.ended_at for case in back), default=None),
        refunds=tuple((case.ended_at, case.refund_amount) for case in back),
        returned=any(case.kind == "return_refund" for case in back),
        disputed=any(case.disputed_at is not None and case.disputed_at <= data_at for case in cases),
        pay_method=order.pay_method if by(order.paid_at, seen_at) else "unknown",
        lines=tuple(_line(order, line, seen_at, data_at) for line in order.lines),
    )
