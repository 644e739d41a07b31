"""Paid orders that have to be shipped: soon, or too late."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, and_, case, exists, func, not_, or_, select
from sqlalchemy.sql.elements import ColumnElement

from shopdata.abnormal.definition import INCIDENT, Ground, Limit, Rule, hit, hours_between, latest, no, yes
from shopdata.metrics.constructs import Expression
from shopdata.metrics.definition import Need
from shopdata.store.line_totals import SHIPPED_STATES

WITHOUT_PROMISE = Limit("without_promise", 48, "hours")


def due_at(ground: Ground) -> Expression:
    """When an order has to be shipped: its promise, else a time after paying; a presale needs a promise."""
    c = ground.orders.c
    plain = case((no(c.is_presale), c.paid_at + ground.span("without_promise")))
    return func.coalesce(c.promised_ship_at, plain)


def to_ship(ground: Ground) -> ColumnElement[bool]:
    """Paid and not shipped whole, not closed, refunded whole or being refunded."""
    c = ground.orders.c
    done = (c.is_closed, c.is_completed, c.has_open_aftersale)
    waits = or_(no(c.is_shipped), _part_waits(ground))
    return and_(c.is_paid, waits, not_(refunded_whole(c)), *(no(flag) for flag in done))


def refunded_whole(o: Any) -> ColumnElement[bool]:
    """Refunded, and not some lines of several alone: the others are still owed to the buyer."""
    rest = o.refund_amount < o.paid_amount - func.coalesce(o.freight_amount, 0)
    return and_(yes(o.is_refunded), not_(yes(and_(o.lines > 1, rest))))


def _part_waits(ground: Ground) -> ColumnElement[bool]:
    """The order file says itself that a part is shipped, or shows lines that are shipped and lines that wait;
    a parcel's file alone may tell of them all."""
    c, line = ground.orders.c, ground.lines.c
    sent = exists(
        select(line.line_id).where(
            ground.mine(ground.lines),
            line.order_id == c.order_id,
            line.counted,
            line.status.in_(SHIPPED_STATES),
        )
    )
    return or_(c.status == "part_shipped", and_(c.status == "paid", c.lines > 1, sent))


def _rows(ground: Ground) -> Any:
    """The orders to judge that have to be shipped at a time (``due``), and whether they wait (``waits``)."""
    due = due_at(ground)
    promised = (ground.mine(ground.orders), due.is_not(None))
    told = (*ground.orders.c, due.label("due"), to_ship(ground).label("waits"))
    return select(*told).where(*promised).subquery("promised")


def _common(c: Any) -> dict[str, Any]:
    return {
        "subject": c.order_id,
        "order_id": c.order_id,
        "dated_at": c.placed_at,
        "deadline_at": c.due,
        "counted_from": c.due,
        "amount": c.paid_amount,
        "as_of": c.as_of,
        "evidence": {name: c[name] for name in ("paid_at", "promised_ship_at", "shipped_at")},
    }


def _due_soon(ground: Ground) -> Select[Any]:
    rows = _rows(ground)
    c = rows.c
    return hit(
        ground,
        rows,
        (c.waits,),
        since=latest(c.paid_at, c.due - ground.span("soon")),
        high_from=c.due - ground.span("high"),
        until=c.due,
        **_common(c),
    )


def _overdue(ground: Ground) -> Select[Any]:
    """Open while it is not shipped; shipped late it is past at once, unless a refund came before that."""
    rows = _rows(ground)
    c = rows.c
    left = and_(refunded_whole(c), yes(c.refund_applied_at <= c.due))
    late = and_(c.is_paid, c.shipped_at > c.due, not_(left))
    return hit(
        ground,
        rows,
        (or_(c.waits, late),),
        since=c.due,
        past_from=case((not_(c.waits), c.shipped_at)),
        measure=case((not_(c.waits), hours_between(c.due, c.shipped_at))),
        limit_value=0,
        **_common(c),
    )


RULES = (
    Rule(
        "ship_due_soon", "order", "medium", "hours", _due_soon, counts_down=True, suspendable=True,
        limits=(Limit("soon", 12, "hours"), Limit("high", 4, "hours"), WITHOUT_PROMISE, INCIDENT),
        needs=(Need("orders", "paid_at"),), version=3,
    ),
    Rule(
        "ship_overdue", "order", "high", "hours", _overdue, suspendable=True,
        limits=(WITHOUT_PROMISE, INCIDENT), needs=(Need("orders", "paid_at"),), version=3,
    ),
)  # fmt: skip
