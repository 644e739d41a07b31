"""Claims that look malicious. Suspicions only; what somebody marked is a hit until the mark is withdrawn."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import Select, and_, exists, func, not_, or_, select, union_all

from shopdata.abnormal.definition import Ground, Rule, hit
from shopdata.abnormal.rules.buyers import REFUNDS, refunders
from shopdata.metrics.constructs import Expression
from shopdata.metrics.definition import Need
from shopdata.store.case_tables import ORDER, case_claims, cases
from shopdata.store.tables import AFTERSALES, orders

CLAIMED = ("refund_shipped", "refund_only", "unknown")
ENDED = ("refunded", "refused", "closed", "failed", "exchange_done", "resend_done")
ANSWER_WITHIN = timedelta(hours=48)
STANDING = case_claims.c.withdrawn_at.is_(None)


def _find(ground: Ground) -> Select[Any]:
    marked = _marked(ground)
    if not all(ground.shop.has(need) for need in ground.rule.needs):
        return marked
    return select(union_all(_suspected(ground), marked).subquery("claims"))


def _due(a: Any) -> Expression:
    return func.coalesce(a.deadline_at, a.applied_at + ANSWER_WITHIN)


def _suspected(ground: Ground) -> Select[Any]:
    """A claim above what was paid, or a refund after signing for a buyer with many of them; not what somebody
    marked."""
    a, o, c = AFTERSALES.table.c, orders.c, cases.c
    of_order = and_(o.shop_id == a.shop_id, o.order_id == a.order_id)
    often = refunders(ground)
    rows = AFTERSALES.table.join(orders, of_order).outerjoin(often, often.c.buyer_id == o.buyer_id)
    too_much = a.refund_amount > o.paid_amount + func.coalesce(o.payment_discount, 0) + 1
    of_case = and_(c.shop_id == o.shop_id, c.kind == ORDER, c.subject == o.order_id)
    marked = exists(select(c.id).join(case_claims, case_claims.c.case_id == c.id).where(of_case, STANDING))
    asked = (a.shop_id == ground.shop.id, a.status.not_in(ENDED), *ground.recent(a.applied_at))
    signed = and_(a.kind.in_(CLAIMED), a.applied_at >= o.signed_at, often.c.refunds.is_not(None))
    return hit(
        ground,
        rows,
        (*asked, or_(too_much, signed), not_(marked)),
        subject=a.aftersale_id,
        order_id=a.order_id,
        line_id=a.line_id,
        dated_at=a.applied_at,
        since=a.applied_at,
        deadline_at=_due(a),
        measure=a.refund_amount,
        limit_value=o.paid_amount,
        amount=a.refund_amount,
        as_of=a.as_of,
        evidence={
            "refund_amount": a.refund_amount,
            "paid_amount": o.paid_amount,
            "refunds": often.c.refunds,
        },
    )


def _marked(ground: Ground) -> Select[Any]:
    """What somebody marked: it rests on a person's word, so no newer file ends it."""
    o, c, m, a = orders.c, cases.c, case_claims.c, AFTERSALES.table.c
    going = a.status.not_in(ENDED)
    theirs = select(c.subject).join(case_claims, c.id == m.case_id).where(c.kind == ORDER, STANDING)
    asked = (
        select(
            a.order_id,
            func.max(a.applied_at).label("applied_at"),
            func.max(_due(a)).filter(going).label("deadline_at"),
            func.max(a.refund_amount).label("refund_amount"),
        )
        .where(a.shop_id == ground.shop.id, a.order_id.in_(theirs))
        .group_by(a.order_id)
        .subquery("asked")
    )
    of_order = and_(c.shop_id == o.shop_id, c.kind == ORDER, c.subject == o.order_id)
    rows = case_claims.join(cases, c.id == m.case_id).join(orders, of_order)
    rows = rows.outerjoin(asked, asked.c.order_id == o.order_id)
    return hit(
        ground,
        rows,
        (o.shop_id == ground.shop.id, STANDING),
        subject=o.order_id,
        order_id=o.order_id,
        dated_at=o.placed_at,
        since=func.coalesce(asked.c.applied_at, o.placed_at),
        deadline_at=asked.c.deadline_at,
        measure=asked.c.refund_amount,
        limit_value=o.paid_amount,
        amount=func.coalesce(asked.c.refund_amount, o.paid_amount),
        evidence={
            "claim": m.kind,
            "refund_amount": asked.c.refund_amount,
            "paid_amount": o.paid_amount,
            "return_waybill": m.return_waybill,
            "appealed_on": m.appealed_on,
        },
    )


RULES = (
    Rule(
        "malicious_claim", "aftersale", "high", "fen", _find, clock="aftersales", whole=True,
        limits=(REFUNDS,), needs=(Need("aftersales"), Need("orders", "paid_amount")), by_hand=True, version=2,
    ),
)  # fmt: skip
