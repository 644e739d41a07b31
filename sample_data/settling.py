"""What the platform pays out for an order line and when: income, fees, and refunds after it has paid.

The bill holds, to the fen: amount = income − platform fee − commission − leader fee − promotion fee.
Amounts are fen, fees are positive. ``settlement_rows`` and ``kuaishou_rows`` print them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sample_data.catalog import Shop
from sample_data.other_rows import share
from sample_data.truth import Line, Order, by

PLATFORM_FEE = "5"
LEADER_FEE = "2"
LEADER_RATES = ("25.00", "22.00")
WAIT = {"douyin": timedelta(days=8, hours=2), "kuaishou": timedelta(days=15, hours=3)}


@dataclass(frozen=True, slots=True)
class Settlement:
    """One row of a settlement bill. ``kind``: ``settled``, or ``refund`` for money given back afterwards."""

    at: datetime
    kind: str
    order: Order
    line: Line
    refund_before: int
    income: int
    platform_fee: int
    commission: int
    leader_fee: int
    promotion_fee: int

    @property
    def fees(self) -> int:
        """Everything the platform keeps or passes on."""
        return self.platform_fee + self.commission + self.leader_fee + self.promotion_fee

    @property
    def amount(self) -> int:
        """What reaches the shop; negative for a refund."""
        return self.income - self.fees


def settles_at(shop: Shop, order: Order) -> datetime | None:
    """When the lines of a completed order are paid out; None for one that never completes."""
    return order.completed_at + WAIT[shop.platform] if order.completed_at else None


def has_leader(shop: Shop, line: Line) -> bool:
    """Whether a team leader brought the influencer."""
    alliance = line.channel == "alliance" and line.person is not None
    return shop.key == "mountain" and alliance and line.person.rate in LEADER_RATES  # type: ignore[union-attr]


def _settled(shop: Shop, order: Order, line: Line, at: datetime) -> Settlement:
    returned = sum(case.refund_amount for case in line.aftersales if case.refunded_at(at))
    base = line.paid - returned
    subsidies = line.platform_discount + line.influencer_discount + line.payment_discount
    income = line.paid + subsidies - returned
    rate = line.person.rate if line.channel == "alliance" and line.person else "0"
    bonus = share(base, "2") if rate == "30.00" and shop.platform == "douyin" else 0
    promotion = share(base, "1") if rate in ("18.00", "28.00") and shop.platform == "douyin" else 0
    return Settlement(
        at, "settled", order, line, returned, income, share(income, PLATFORM_FEE),
        share(base, rate) + bonus, share(base, LEADER_FEE) if has_leader(shop, line) else 0, promotion,
    )  # fmt: skip


def of_line(shop: Shop, order: Order, line: Line, moment: datetime) -> list[Settlement]:
    """The rows of one line by ``moment``: none where all its money went back before, or it cost nothing."""
    at = by(settles_at(shop, order), moment)
    if at is None or line.payable == 0:
        return []
    if any(case.full and case.refunded_at(at) for case in line.aftersales):
        return []
    later = [case for case in line.aftersales if not case.refunded_at(at) and case.refunded_at(moment)]
    refunds = [
        Settlement(case.ended_at, "refund", order, line, 0, -case.refund_amount, 0, 0, 0, 0) for case in later
    ]
    return [_settled(shop, order, line, at), *refunds]


def settlements(shop: Shop, orders: list[Order], moment: datetime) -> list[Settlement]:
    """Every row of the shop's bill, oldest first."""
    found = [row for order in orders for line in order.lines for row in of_line(shop, order, line, moment)]
    return sorted(found, key=lambda row: (row.at, row.line.line_id))
