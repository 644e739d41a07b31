"""The books of closed months: what changed in an order since it was last booked, and booking it.

``changes_of`` compares what every order is worth now with all that was booked of it; a closing adds these
changes to the books, and nothing is ever changed there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, FromClause, and_, case, func, insert, literal, or_, select

from shopdata.analysis.order_money import order_money
from shopdata.metrics.context import frame_of
from shopdata.metrics.frame import Frame, Reads
from shopdata.scope import Scope
from shopdata.store.closing_tables import AMOUNTS, closed_orders, closings

MOST_LISTED = 1_000
Amounts = Mapping[str, int | None]


@dataclass(frozen=True, slots=True)
class Adjustment:
    """What changed in one order of a closed month since it was last booked."""

    shop_id: int
    order_id: str
    paid_month: date
    amounts: Amounts


def adjustments(store: Reads, scope: Scope, shop_id: int, month: date) -> tuple[Adjustment, ...]:
    """The orders behind the adjustments of a month, as booked, or as they would be booked now."""
    asked = replace(scope, shops=(shop_id,), start=None, end=None, sources=())
    frame = frame_of(store, asked)
    with store.read() as connection:
        if _is_closed(connection, shop_id, month):
            rows: FromClause = closed_orders
            inside = and_(closed_orders.c.month == month, closed_orders.c.shop_id == shop_id)
        else:
            rows = changes_of(frame)
            last = connection.scalar(select(func.max(closings.c.month)).where(closings.c.shop_id == shop_id))
            if last is None:
                return ()
            inside = and_(rows.c.shop_id == shop_id, rows.c.paid_month <= last)
        wanted = select(
            rows.c.shop_id, rows.c.order_id, rows.c.paid_month, *(rows.c[name] for name in AMOUNTS)
        )
        wanted = wanted.where(inside, rows.c.paid_month < month).order_by(rows.c.paid_month, rows.c.order_id)
        return tuple(
            Adjustment(
                row.shop_id, row.order_id, row.paid_month, {name: getattr(row, name) for name in AMOUNTS}
            )
            for row in connection.execute(wanted.limit(MOST_LISTED))
        )


def book(connection: Connection, frame: Frame, scope: Scope, month: date, at: datetime) -> None:
    """Close ``month`` of the frame's shops: its own orders whole, orders of closed months by their change."""
    changes = changes_of(frame)
    names = ("shop_id", "month", "paid_month", "order_id", *AMOUNTS)
    columns = [literal(month).label(name) if name == "month" else changes.c[name] for name in names]
    connection.execute(
        insert(closed_orders).from_select(names, select(*columns).where(changes.c.paid_month <= month))
    )
    rows = [{"shop_id": number, "month": month, "closed_at": at, "user": scope.user} for number in frame.ids]
    connection.execute(insert(closings), rows)


def changes_of(frame: Frame) -> FromClause:
    """Orders whose amounts differ from what is booked of them, by how much; all of them where nothing is.

    An order that is gone (its import undone) is taken back whole.
    """
    now, booked = order_money(frame), _booked_by_order(frame)
    same = and_(now.c.shop_id == booked.c.shop_id, now.c.order_id == booked.c.order_id)
    first = {
        name: func.coalesce(booked.c[name], now.c[name]) for name in ("shop_id", "order_id", "paid_month")
    }
    deltas = {name: _difference(now.c[name], booked.c[name]) for name in AMOUNTS}
    changed = or_(booked.c.order_id.is_(None), *(func.coalesce(delta, 0) != 0 for delta in deltas.values()))
    columns = [value.label(name) for name, value in (first | deltas).items()]
    joined = now.join(booked, same, full=True)
    return select(*columns).select_from(joined).where(changed).subquery("changes")


def _difference(now: Any, booked: Any) -> Any:
    """Now less booked; null only where neither is known."""
    known = or_(now.is_not(None), booked.is_not(None))
    return case((known, func.coalesce(now, 0) - func.coalesce(booked, 0)))


def _booked_by_order(frame: Frame) -> Any:
    rows = closed_orders.c
    sums = [func.sum(rows[name]).label(name) for name in AMOUNTS]
    return (
        select(rows.shop_id, rows.order_id, func.min(rows.paid_month).label("paid_month"), *sums)
        .where(rows.shop_id.in_(frame.ids))
        .group_by(rows.shop_id, rows.order_id)
        .subquery("booked")
    )


def _is_closed(connection: Connection, shop_id: int, month: date) -> bool:
    wanted = select(closings.c.month).where(closings.c.shop_id == shop_id, closings.c.month == month)
    return connection.scalar(wanted) is not None
