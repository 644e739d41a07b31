"""Closing months: the one act that writes to the books (:mod:`shopdata.analysis.booked`)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from shopdata.analysis.booked import book
from shopdata.analysis.closing import statements
from shopdata.errors import BadUsage, NotAllowed
from shopdata.imports.audit import record_action
from shopdata.metrics.context import frame_of
from shopdata.scope import Scope
from shopdata.store import Store

MAY_CLOSE = ("owner",)


def close_month(store: Store, scope: Scope, shop_id: int, month: date) -> tuple[date, ...]:
    """Close ``month`` (its first day) of a shop and every open month before it; returns the months closed.

    Raises ``NotAllowed`` for roles but the owner's, ``BadUsage`` for a month that is closed, has no orders,
    or whose end the shop's files do not reach.
    """
    if scope.role not in MAY_CLOSE:
        raise NotAllowed(role=scope.role)
    asked = replace(scope, shops=(shop_id,), platforms=(), start=None, end=None, basis="paid", sources=())
    frame = frame_of(store, asked)
    with store.write() as connection:
        due = [one for one in statements(connection, frame) if one.closed_at is None]
        wanted = [one for one in due if one.month <= month]
        if not wanted or wanted[-1].month != month or not wanted[-1].closable:
            raise BadUsage("month_not_closable", month=f"{month:%Y-%m}")
        now = store.settings.now()
        for one in wanted:
            book(connection, frame, asked, one.month, now)
            detail = {"shop": shop_id, "month": f"{one.month:%Y-%m}", "orders": one.orders}
            record_action(connection, now, scope.user, "month_closed", role=scope.role, **detail)
    return tuple(one.month for one in wanted)
