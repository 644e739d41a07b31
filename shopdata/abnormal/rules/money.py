"""What the platform settles: not in any bill although it is time, and bills that do not add up."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import Select, and_, func, literal, select

from shopdata.abnormal.definition import Ground, Limit, Rule, hit, no
from shopdata.metrics.definition import Need
from shopdata.store.tables import SETTLEMENTS, orders

FILE = (Need("settlements"),)


def _overdue(ground: Ground) -> Select[Any] | None:
    """Completed, not refunded, in no bill, and the bills of those days are here."""
    span = ground.reach("settlements")
    if span is None:
        return None
    first, last = span
    o, s = orders.c, SETTLEMENTS.table.c
    wait = ground.span("cycle") + ground.span("after_cycle")
    since = o.completed_at + wait
    billed = select(s.order_id, literal(True).label("billed")).where(
        s.shop_id == ground.shop.id, *ground.recent(s.settled_at)
    )
    bills = billed.subquery("billed_orders")
    waits = and_(o.is_completed, no(o.is_refunded), no(o.has_open_aftersale), o.paid_amount > 0)
    covered = and_(o.completed_at >= first, since <= last)
    return hit(
        ground,
        orders.outerjoin(bills, bills.c.order_id == o.order_id),
        (o.shop_id == ground.shop.id, waits, covered, bills.c.billed.is_(None), *ground.recent(o.placed_at)),
        subject=o.order_id,
        order_id=o.order_id,
        dated_at=o.placed_at,
        since=since,
        counted_from=o.completed_at,
        limit_value=wait / timedelta(days=1),
        amount=o.paid_amount,
        as_of=o.as_of,
        evidence={"completed_at": o.completed_at, "paid_amount": o.paid_amount},
    )


def _mismatch(ground: Ground) -> Select[Any]:
    s = SETTLEMENTS.table.c
    dated = func.coalesce(s.placed_at, s.settled_at)
    off = func.abs(s.income_amount - s.cost_amount - s.settled_amount)
    mine = s.shop_id == ground.shop.id
    wrong = select(s.settlement_id).where(mine, off > ground.limit("off"), *ground.recent(dated))
    return hit(
        ground,
        SETTLEMENTS.table,
        (mine, s.settlement_id.in_(wrong)),
        subject=s.settlement_id,
        order_id=s.order_id,
        line_id=s.line_id,
        dated_at=dated,
        since=s.settled_at,
        measure=off,
        amount=off,
        as_of=s.as_of,
        evidence={name: s[name] for name in ("income_amount", "cost_amount", "settled_amount", "status_raw")},
    )


RULES = (
    Rule(
        "settlement_overdue", "order", "high", "days", _overdue, whole=True,
        limits=(Limit("cycle", 7, "days"), Limit("after_cycle", 3, "days", ours=True)),
        needs=(*FILE, Need("orders", "completed_at")),
    ),
    Rule(
        "settlement_mismatch", "settlement", "high", "fen", _mismatch, clock="settlements", whole=True,
        limits=(Limit("off", 1, "fen"),), acts_within=180,
        needs=(Need("settlements", "income_amount"), Need("settlements", "cost_amount")),
    ),
)  # fmt: skip
