"""After-sale cases: deadlines, what nobody touched, refunds that cross with a parcel or with the books."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import Select, and_, case, exists, func, literal, not_, or_, select

from shopdata.abnormal.definition import Ground, Limit, Rule, hit, hours_between, latest, no, yes
from shopdata.abnormal.rules.words import told
from shopdata.metrics.constructs import Expression
from shopdata.metrics.definition import Need
from shopdata.store.side_files import NO_REFUND_KINDS, RETURN_KIND
from shopdata.store.tables import AFTERSALES, PARCELS

OURS = ("merchant_pending", "merchant_receive", "arbitration")
ENDED = ("refunded", "refused", "exchange_done", "resend_done", "closed", "failed")
GIVEN_UP = ("closed", "refused", "failed", "exchange_done", "resend_done")
FILE = (Need("aftersales"),)
ESTIMATED = Limit("without_deadline", 48, "hours")
# After so many days a parcel without any scan can no longer be called back.
DELIVERED_AFTER = timedelta(days=15)
EVIDENCE = ("status_raw", "kind_raw", "reason", "applied_at", "deadline_at")


def _hit(ground: Ground, rows: Any, where: tuple[Any, ...], a: Any, **columns: object) -> Select[Any]:
    common = {
        "subject": a.aftersale_id,
        "order_id": a.order_id,
        "line_id": a.line_id,
        "dated_at": a.applied_at,
        "amount": a.refund_amount,
        "as_of": a.as_of,
        "evidence": {name: a[name] for name in EVIDENCE},
    }
    return hit(ground, rows, (a.shop_id == ground.shop.id, *where), **common | columns)


def _due(ground: Ground, a: Any) -> Expression:
    """The automatic handling, else (estimated, as long as nobody touched it) a time after the application."""
    untouched = and_(a.status == "merchant_pending", a.agreed_at.is_(None))
    return func.coalesce(a.deadline_at, case((untouched, a.applied_at + ground.span("without_deadline"))))


def _deadline(ground: Ground) -> Select[Any]:
    a = ground.aftersales.c
    due = _due(ground, a)
    estimated = case((a.deadline_at.is_(None), True))
    return _hit(
        ground,
        ground.aftersales,
        (a.status.in_(OURS), due.is_not(None)),
        a,
        since=latest(a.applied_at, due - ground.span("soon")),
        high_from=due - ground.span("high"),
        deadline_at=due,
        counted_from=due,
        evidence={**{name: a[name] for name in EVIDENCE}, "deadline_estimated": estimated},
    )


def _open(ground: Ground) -> Select[Any]:
    a = ground.aftersales.c
    untouched = (a.status == "merchant_pending", a.agreed_at.is_(None))
    return _hit(
        ground, ground.aftersales, untouched, a,
        since=a.applied_at, counted_from=a.applied_at, deadline_at=_due(ground, a), limit_value=None,
    )  # fmt: skip


def _refunded_but_shipped(ground: Ground) -> Select[Any]:
    """A refund was applied for (or paid) before shipping, the parcel is not signed, the case not closed.

    Where the order file dates the shipping of another line alone, the parcel is not that of the refund.
    """
    a, o = ground.aftersales.c, ground.orders.c
    own, other = ground.lines.alias("own_line"), ground.lines.alias("other_line")
    stayed = exists(
        select(own.c.line_id)
        .join(other, and_(other.c.order_id == own.c.order_id, ground.mine(other), other.c.counted))
        .where(ground.mine(own), own.c.counted, own.c.line_id == a.line_id)
        .where(own.c.shipped_at.is_(None), other.c.shipped_at.is_not(None))
    )
    asked = func.least(a.applied_at, a.refunded_at)
    refund = and_(func.coalesce(a.kind, "unknown").not_in(NO_REFUND_KINDS), a.status.not_in(GIVEN_UP))
    on_its_way = and_(o.shipped_at > asked, o.signed_at.is_(None), no(o.is_completed))
    return _hit(
        ground,
        ground.with_order(ground.aftersales),
        (refund, on_its_way, not_(and_(o.lines > 1, stayed))),
        a,
        since=o.shipped_at,
        past_from=case((o.parcels_tracked == 0, o.shipped_at + DELIVERED_AFTER)),
        counted_from=asked,
        measure=hours_between(asked, o.shipped_at),
        limit_value=0,
        dated_at=o.placed_at,
        amount=func.coalesce(a.refund_amount, o.paid_amount),
        evidence={**{name: a[name] for name in EVIDENCE}, "shipped_at": o.shipped_at, "waybill": o.waybill},
    )


def _exceeds_paid(ground: Ground) -> Select[Any]:
    """More was paid back than paid; a discount of the payment is left aside: some exports refund it too."""
    o = ground.orders.c
    paid = case((yes(o.is_paid), o.paid_amount), (o.is_paid.is_(False), 0))
    over = o.refund_amount - paid - func.coalesce(o.payment_discount, 0)
    at = func.coalesce(o.refunded_at, o.refund_applied_at, o.placed_at)
    return hit(
        ground,
        ground.orders,
        (ground.mine(ground.orders), o.refund_amount > 0, over > ground.limit("over")),
        subject=o.order_id,
        order_id=o.order_id,
        dated_at=o.placed_at,
        since=at,
        deadline_at=at + timedelta(hours=24),
        measure=over,
        amount=over,
        as_of=o.as_of,
        evidence={
            "paid_amount": o.paid_amount,
            "refund_amount": o.refund_amount,
            "refunded_at": o.refunded_at,
        },
    )


def _not_refunded(ground: Ground) -> Select[Any]:
    """The returned parcel was signed (by the waybill file, else as the case says) and no refund followed."""
    a, p = AFTERSALES.table.c, PARCELS.table.c
    signed = (
        select(p.waybill, func.max(p.signed_at).label("signed_at"))
        .where(p.shop_id == ground.shop.id, p.signed_at.is_not(None))
        .group_by(p.waybill)
        .subquery("returns_signed")
    )
    by_word = case((told(a.return_logistics_status, "signed"), a.as_of))
    back = func.coalesce(signed.c.signed_at, by_word)
    rows = AFTERSALES.table.outerjoin(signed, signed.c.waybill == a.return_waybill)
    waits = (a.kind == RETURN_KIND, a.status.not_in(ENDED), a.refunded_at.is_(None), back.is_not(None))
    covered = ground.covered("aftersales", a.applied_at)
    if covered is None:
        return _hit(ground, rows, (literal(False),), a, since=back)
    since = back + ground.span("after_return")
    return _hit(
        ground, rows, (*waits, covered, *ground.recent(a.applied_at)), a,
        since=since, counted_from=back, deadline_at=since,
        evidence={
            **{name: a[name] for name in EVIDENCE}, "return_waybill": a.return_waybill, "signed_at": back,
        },
    )  # fmt: skip


def _not_sent(ground: Ground) -> Select[Any]:
    a = ground.aftersales.c
    agreed = func.coalesce(a.agreed_at, a.applied_at)
    waits = (a.status == "buyer_return", a.return_waybill.is_(None), a.return_shipped_at.is_(None))
    return _hit(
        ground, ground.aftersales, waits, a,
        since=agreed + ground.span("after_agreed"), counted_from=agreed,
        evidence={**{name: a[name] for name in EVIDENCE}, "agreed_at": a.agreed_at},
    )  # fmt: skip


def _proof_due(ground: Ground) -> Select[Any]:
    """An arbitration that waits for our proof."""
    a = ground.aftersales.c
    open_case = and_(
        a.status == "arbitration", or_(told(a.status_raw, "proof"), told(a.arbitration, "proof"))
    )
    due = func.coalesce(a.deadline_at, a.as_of + ground.span("proof_within"))
    return _hit(
        ground, ground.aftersales, (open_case,), a,
        since=a.applied_at, counted_from=a.applied_at, deadline_at=due,
    )  # fmt: skip


def _may_escalate(ground: Ground) -> Select[Any]:
    a = ground.aftersales.c
    refused = func.coalesce(a.closed_at, a.finished_at, a.agreed_at, a.applied_at)
    until = refused + ground.span("days")
    return _hit(
        ground, ground.aftersales, (a.status == "refused",), a,
        since=refused, counted_from=refused, until=until, deadline_at=until,
    )  # fmt: skip


def _logistics_dispute(ground: Ground) -> Select[Any]:
    a = ground.aftersales.c
    about = or_(told(a.reason, "logistics"), told(a.reason_tag, "logistics"))
    disputed = and_(a.status.in_(OURS), or_(yes(a.dispute), a.status == "arbitration"))
    return _hit(
        ground, ground.aftersales, (about, disputed), a,
        since=a.applied_at, counted_from=a.applied_at, deadline_at=_due(ground, a), limit_value=None,
    )  # fmt: skip


RULES = (
    Rule(
        "aftersale_deadline", "aftersale", "medium", "hours", _deadline, clock="aftersales", counts_down=True,
        limits=(Limit("soon", 12, "hours"), Limit("high", 4, "hours"), ESTIMATED), needs=FILE, version=3,
    ),
    Rule(
        "return_open", "aftersale", "high", "hours", _open, clock="aftersales",
        limits=(ESTIMATED,), needs=FILE,
    ),
    Rule(
        "refunded_but_shipped", "aftersale", "high", "hours", _refunded_but_shipped, clock="aftersales",
        at_once=True, version=2,
        needs=(*FILE, Need("orders", "shipped_at")),
    ),
    Rule(
        "refund_exceeds_paid", "order", "high", "fen", _exceeds_paid, acts_within=90,
        limits=(Limit("over", 1, "fen"),), needs=(*FILE, Need("orders", "paid_amount")),
    ),
    Rule(
        "return_not_refunded", "aftersale", "high", "hours", _not_refunded, clock="aftersales", whole=True,
        limits=(Limit("after_return", 48, "hours", ours=True),),
        needs=(Need("aftersales", "return_waybill"),),
    ),
    Rule(
        "return_not_sent", "aftersale", "low", "days", _not_sent, clock="aftersales",
        limits=(Limit("after_agreed", 7, "days"),), needs=(Need("aftersales", "return_waybill"),),
    ),
    Rule(
        "arbitration_evidence_due", "aftersale", "high", "hours", _proof_due, clock="aftersales",
        limits=(Limit("proof_within", 24, "hours"),), needs=FILE,
    ),
    Rule(
        "escalation_possible", "aftersale", "low", "days", _may_escalate, clock="aftersales",
        limits=(Limit("days", 7, "days"),), needs=FILE,
    ),
    Rule(
        "logistics_dispute", "aftersale", "high", "hours", _logistics_dispute, clock="aftersales",
        at_once=True,
        limits=(ESTIMATED,), needs=(Need("aftersales", "reason"),),
    ),
)  # fmt: skip
