"""What promoters cost on one line and what the bill paid out for it, as the files together show both.

A promoter is an influencer, a team leader, or a promotion service; estimates and settlements of each are kept
apart. Amounts are fen.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sample_data import kuaishou_rows, taobao_rows
from sample_data.catalog import Shop
from sample_data.other_rows import commission, has_commission, share
from sample_data.settlement_rows import leads
from sample_data.settling import LEADER_FEE, of_line
from sample_data.truth import Line, Moment, Order, by


@dataclass(frozen=True, slots=True)
class Layer:
    """What the two stages cost for one kind of promoter."""

    estimated: int = 0
    settled: int = 0


@dataclass(frozen=True, slots=True)
class Due:
    """The commissions of one line. ``settled_at`` None: nothing was settled; ``by_bill``: the settlement bill
    tells what was, which has no base for a rate."""

    influencer: Layer
    leader: Layer
    service: Layer
    settled_base: int
    settled_at: Moment
    by_bill: bool = False

    @property
    def estimated(self) -> int:
        """All layers, as expected when the line was paid."""
        return self.influencer.estimated + self.leader.estimated + self.service.estimated

    @property
    def settled(self) -> int:
        """All layers, as paid."""
        return self.influencer.settled + self.leader.settled + self.service.settled


def _douyin(shop: Shop, order: Order, line: Line, moment: datetime) -> Due | None:
    if not has_commission(order, line, moment):
        return None
    due = commission(order, line, moment)
    led = leads(shop, order, line, moment)
    return Due(
        Layer(due.estimated + due.bonus_estimated, due.settled + due.bonus_settled),
        Layer(share(due.paid, LEADER_FEE), share(due.settled_base, LEADER_FEE)) if led else Layer(),
        Layer(due.promotion_estimated, due.promotion_settled),
        due.settled_base,
        due.settled_at,
    )


def _taobao(shop: Shop, order: Order, line: Line, moment: datetime) -> Due | None:
    """Only what was settled is ever listed."""
    if not taobao_rows.promoted(order, line, moment) or line.person is None or order.completed_at is None:
        return None
    base = taobao_rows.promoter_base(order, line)
    fee = share(base, line.person.rate)
    led = Layer(0, share(base, taobao_rows.leader_rate(line)))
    return Due(Layer(0, fee), led, Layer(), base, order.completed_at + taobao_rows.SETTLES)


def _kuaishou(shop: Shop, order: Order, line: Line, moment: datetime) -> Due | None:
    """Estimated in the order file, paid by the settlement; one promoter a line."""
    if line.channel != "alliance" or line.person is None or not by(order.paid_at, moment):
        return None
    bill = of_line(shop, order, line, moment)
    layer = Layer(kuaishou_rows.estimated(line), sum(row.commission for row in bill))
    base = sum(line.paid - row.refund_before for row in bill)
    at = bill[0].at if bill else None
    leads = line.person.role == "leader"
    return Due(Layer() if leads else layer, layer if leads else Layer(), Layer(), base, at, by_bill=True)


DUES = {"douyin": _douyin, "taobao": _taobao, "kuaishou": _kuaishou}


def due(shop: Shop, order: Order, line: Line, moment: datetime) -> Due | None:
    """The commissions of one line, where any file lists it."""
    return DUES[shop.platform](shop, order, line, moment)


@dataclass(frozen=True, slots=True)
class Payout:
    """One row of the settlement bill."""

    at: datetime
    amount: int
    platform_fee: int


def payouts(shop: Shop, order: Order, line: Line, moment: datetime) -> tuple[Payout, ...]:
    """What the bill shows of one line; nothing where the platform has no such file."""
    if shop.platform == "taobao":
        return ()
    rows = of_line(shop, order, line, moment)
    return tuple(Payout(row.at, row.amount, row.platform_fee) for row in rows)
