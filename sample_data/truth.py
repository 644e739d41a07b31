"""What really happened to the invented orders, and how any of it looks at a given moment.

Amounts are fen, times are Beijing wall clock. An export shows only events up to its own moment, so every
question about a state takes the moment it is asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sample_data.catalog import Person, Place

Moment = datetime | None


def by(event: Moment, moment: datetime) -> Moment:
    """The event, if it has happened by ``moment``."""
    return event if event is not None and event <= moment else None


@dataclass(frozen=True, slots=True)
class Parcel:
    """One parcel on its way; unsigned when it turned back or is still moving."""

    waybill: str
    courier: str
    shipped_at: datetime
    picked_up_at: Moment
    signed_at: Moment


@dataclass(frozen=True, slots=True)
class Aftersale:
    """One case of after-sale service; ``outcome`` is what it comes to in the end."""

    id: str
    kind: str
    outcome: str
    reason: str
    applied_at: datetime
    agreed_at: Moment
    return_shipped_at: Moment
    ended_at: datetime
    refund_goods: int
    refund_freight: int
    refund_payment_discount: int
    full: bool
    disputed_at: Moment = None
    ruling: str = ""
    return_waybill: str = ""
    return_courier: str = ""

    @property
    def refund_amount(self) -> int:
        """What the buyer gets back when the case succeeds."""
        return self.refund_goods + self.refund_freight

    def status(self, moment: datetime) -> str:
        """The canonical state at ``moment``."""
        if self.ended_at <= moment:
            return self.outcome
        if self.disputed_at is not None and self.disputed_at <= moment:
            return "arbitration"
        if by(self.return_shipped_at, moment):
            return "merchant_receive"
        if by(self.agreed_at, moment):
            return "buyer_return"
        return "merchant_pending"

    def handled_by(self, moment: datetime) -> Moment:
        """When the platform handles it by itself, as it stands at ``moment``; ``None`` once it is over.

        The clock begins anew with every step: two days for the merchant's word, seven for the buyer to send
        the goods back, seven for the merchant to look at them, three for an arbitration.
        """
        begun = {
            "merchant_pending": (self.applied_at, 2),
            "buyer_return": (self.agreed_at, 7),
            "merchant_receive": (self.return_shipped_at, 7),
            "arbitration": (self.disputed_at, 3),
        }
        since, days = begun.get(self.status(moment), (None, 0))
        return since and since + timedelta(days=days)

    def refunded_at(self, moment: datetime) -> Moment:
        """When the money went back, if it has by ``moment``."""
        return self.ended_at if self.outcome == "refunded" and self.ended_at <= moment else None


@dataclass(frozen=True, slots=True)
class Line:
    """One sub-order."""

    line_id: str
    product_id: str
    product_name: str
    spec: str
    sku_code: str
    quantity: int
    unit_price: int
    freight: int
    platform_discount: int
    merchant_discount: int
    influencer_discount: int
    payment_discount: int
    source: str
    channel: str
    advert: bool
    person: Person | None
    shipped_at: Moment = None
    parcel: Parcel | None = None
    aftersales: tuple[Aftersale, ...] = ()

    @property
    def goods(self) -> int:
        """Price × quantity."""
        return self.unit_price * self.quantity

    @property
    def discount(self) -> int:
        """All discounts but the payment discount."""
        return self.platform_discount + self.merchant_discount + self.influencer_discount

    @property
    def payable(self) -> int:
        """Goods and freight due from the buyer."""
        return self.goods + self.freight - self.discount

    @property
    def paid(self) -> int:
        """What the buyer pays once the payment discount is off."""
        return self.payable - self.payment_discount


@dataclass(frozen=True, slots=True)
class Order:
    """One main order with everything that will happen to it."""

    shop: str
    order_id: str
    placed_at: datetime
    paid_at: Moment
    lapses_at: Moment
    lapse_reason: str
    promised_at: Moment
    presale_at: Moment
    deposit: int
    completed_at: Moment
    receiver: str
    phone: str
    address: str
    place: Place
    pay_method: str
    buyer_note: str
    seller_note: str
    flag: str
    address_changed: bool
    lines: tuple[Line, ...]

    def line_closed_at(self, line: Line) -> Moment:
        """When a full refund closed the line; a refund after completion closes nothing."""
        for case in line.aftersales:
            before = self.completed_at is None or case.ended_at < self.completed_at
            if case.full and case.outcome == "refunded" and before:
                return case.ended_at
        return None

    def line_status(self, line: Line, moment: datetime) -> str:
        """The canonical state of one line at ``moment``."""
        if not by(self.paid_at, moment):
            if by(self.lapses_at, moment):
                return "closed"
            return "deposit" if self.deposit else "unpaid"
        if by(self.line_closed_at(line), moment):
            return "closed"
        if by(self.completed_at, moment):
            return "completed"
        return "shipped" if by(line.shipped_at, moment) else "to_ship"

    def line_source(self, line: Line, moment: datetime) -> str:
        """The source as an export of ``moment`` prints it: known from the next day on."""
        return "pending" if self.placed_at.date() == moment.date() else line.source

    def parcels(self, moment: datetime) -> tuple[Parcel, ...]:
        """Different parcels shipped by ``moment``."""
        seen = {
            line.parcel.waybill: line.parcel
            for line in self.lines
            if line.parcel is not None and by(line.shipped_at, moment)
        }
        return tuple(seen.values())

    @property
    def day(self) -> date:
        """The day it was placed."""
        return self.placed_at.date()
