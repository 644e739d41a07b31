"""Live sessions: each with the orders it brought, by the day it began on or by the day they were paid.

Which order belongs to which session: ``live_orders``. Figures are of orders paid from a session's start until
``TAIL`` after its end. A session that began before midnight belongs to its start day. A session whose end is
not told, or of days no order file covers, has no figures rather than zeros.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Connection, and_, case, func, not_, select

from shopdata.analysis.live_orders import (
    LINES,
    ORDERS,
    TAIL,
    Span,
    assigned,
    is_live,
    sessions_of,
    sold_lines,
    sold_orders,
)
from shopdata.analysis.live_values import PLACED, By, Live, Session, Sums
from shopdata.metrics.cache import remembered
from shopdata.metrics.constructs import day_of, seconds_between
from shopdata.metrics.context import frame_of
from shopdata.metrics.definition import Need
from shopdata.metrics.facts import ONE_HOUR, Facts
from shopdata.metrics.frame import Frame, Reads, ShopFrame
from shopdata.metrics.query import window
from shopdata.scope import Scope

LOOK_BACK = timedelta(days=45)
KIND = "live_sessions"
AFTERSALES = (Need("aftersales"),)


def live(store: Reads, scope: Scope, by: By = "start") -> Live:
    """The sessions that began in the period; by ``pay`` those with orders paid in it, with those orders."""
    asked = replace(scope, basis="paid", sources=())
    return remembered(store, ("live", asked, by), lambda: _read(store, asked, by))


def span_of(scope: Scope) -> Span:
    """All sessions that may belong to the period or be compared with those that do."""
    first = datetime.combine(scope.start, time.min) - LOOK_BACK if scope.start else datetime(2003, 1, 1)
    last = datetime.combine(scope.end + timedelta(days=1), time.min) if scope.end else datetime(2100, 1, 1)
    return Span(first, last)


def _read(store: Reads, scope: Scope, by: By) -> Live:
    frame = frame_of(store, scope)
    refunds = not frame.is_missing(AFTERSALES)
    if frame.is_missing((Need(KIND),)) or not frame.shops:
        return Live(scope, by, frame.data_up_to, frame.currency, (), (), {}, refunds, KIND)
    with store.read() as connection:
        every = _sessions(connection, frame, span_of(scope))
        apart = _apart(connection, frame, scope)
    inside = [one for one in every if _in_period(one, scope, by)]
    before = tuple(one for one in every if one not in inside)
    if by == "pay":
        inside = [one.of_days(day for day in one.days or {} if _in_days(day, scope)) for one in inside]
    return Live(scope, by, frame.data_up_to, frame.currency, tuple(inside), before, apart, refunds)


def _in_days(day: date, scope: Scope) -> bool:
    return (scope.start is None or day >= scope.start) and (scope.end is None or day <= scope.end)


def _in_period(session: Session, scope: Scope, by: By) -> bool:
    if by == "start":
        return _in_days(session.started_at.date(), scope)
    return any(_in_days(day, scope) for day in session.days or {})


def _sessions(connection: Connection, frame: Frame, span: Span) -> list[Session]:
    sessions = sessions_of(frame, span)
    rows = connection.execute(select(sessions).order_by(sessions.c.started_at.desc(), sessions.c.entry)).all()
    days = _sums_by_day(connection, frame, span)
    placed = _placed(connection, frame, span)
    shops = {shop.id: shop for shop in frame.shops}
    return [_session(row, shops[row.shop_id], days, placed) for row in rows]


def _session(
    row: Any,
    shop: ShopFrame,
    days: Mapping[tuple[int, str], Mapping[date, Sums]],
    placed: Mapping[tuple[int, str], Mapping[str, int]],
) -> Session:
    key, as_of = (row.shop_id, row.entry), shop.as_of.get("orders")
    covered = any(first <= row.started_at.date() <= last for first, last in shop.covered)
    ended = row.ended_at is not None and row.ended_at > row.started_at
    known = bool(covered and ended and as_of and as_of > row.started_at)
    names = (
        row.account_name,
        row.influencer_name,
        row.room_name,
        row.account_id,
        row.influencer_id,
        row.room_id,
    )
    return Session(
        shop_id=row.shop_id,
        entry=row.entry,
        account=row.account,
        name=next((name for name in names if name), shop.name),
        started_at=row.started_at,
        ended_at=row.ended_at if ended else None,
        linked=row.linked,
        whole=bool(known and as_of and as_of >= row.ended_at + TAIL),
        days=days.get(key, {}) if known else None,
        placed=placed.get(key, dict.fromkeys(PLACED, 0)) if known else {},
        visitors=row.visitors if row.visitors is not None else row.views,
        clicks=row.clicks if row.clicks is not None else row.click_people,
        told_orders=row.orders,
        told_amount=row.amount,
        told_spend=row.ad_spend,
    )


def _sums_by_day(connection: Connection, frame: Frame, span: Span) -> dict[tuple[int, str], dict[date, Sums]]:
    picked = assigned(sessions_of(frame, span), frame, span, "paid_at")
    c = sold_orders(picked, sold_lines(picked)).c
    day = day_of(c.paid_at)
    soon = and_(c.is_refunded, seconds_between(c.paid_at, c.refund_applied_at) <= ONE_HOUR)
    amounts = (func.coalesce(func.sum(c[name]), 0) for name in ("paid_amount", "units", "refund_amount"))
    counts = (func.count().filter(condition) for condition in (c.is_refunded, soon))
    keys = (c.shop_id, c.entry, day)
    found: dict[tuple[int, str], dict[date, Sums]] = {}
    for row in connection.execute(select(*keys, func.count(), *amounts, *counts).group_by(*keys)):
        found.setdefault((row[0], row[1]), {})[row[2]] = Sums(*map(int, row[3:]))
    return found


def _placed(connection: Connection, frame: Frame, span: Span) -> dict[tuple[int, str], dict[str, int]]:
    """Orders placed in a session, by whether they were paid in it, after it, or not."""
    sessions = sessions_of(frame, span)
    put, paid = (assigned(sessions, frame, span, moment) for moment in ("placed_at", "paid_at"))
    order = and_(ORDERS.c.shop_id == put.c.shop_id, ORDERS.c.order_id == put.c.order_id)
    session = and_(sessions.c.shop_id == put.c.shop_id, sessions.c.entry == put.c.entry)
    bought = and_(paid.c.shop_id == put.c.shop_id, paid.c.order_id == put.c.order_id)
    late = seconds_between(sessions.c.ended_at, ORDERS.c.paid_at) > TAIL.seconds
    state = case(
        (not_(func.coalesce(ORDERS.c.is_paid, False)), "unpaid"),
        (and_(paid.c.entry == put.c.entry, not_(paid.c.ambiguous)), "paid_in"),
        (late, "paid_after"),
        else_="elsewhere",
    )
    statement = (
        select(put.c.shop_id, put.c.entry, state, func.count())
        .select_from(put.join(ORDERS, order).join(sessions, session).outerjoin(paid, bought))
        .where(not_(put.c.ambiguous))
        .group_by(put.c.shop_id, put.c.entry, state)
    )
    found: dict[tuple[int, str], dict[str, int]] = {}
    for shop, entry, key, count in connection.execute(statement):
        found.setdefault((shop, entry), dict.fromkeys(PLACED, 0))[key] = count
    return found


def _apart(connection: Connection, frame: Frame, scope: Scope) -> dict[str, int]:
    """Live orders paid in the period that are in no session, of shops that keep any."""
    span = span_of(scope)
    lacking = tuple(frame.lacking((Need(KIND),)))
    picked = assigned(sessions_of(frame, span), frame, span, "paid_at")
    mine = and_(picked.c.shop_id == ORDERS.c.shop_id, picked.c.order_id == ORDERS.c.order_id)
    line = and_(LINES.c.shop_id == ORDERS.c.shop_id, LINES.c.order_id == ORDERS.c.order_id)
    lost, unclear = picked.c.entry.is_(None), func.coalesce(picked.c.ambiguous, False)
    facts = Facts(ORDERS.c, frame, {}, "paid_at")
    row = connection.execute(
        select(func.count().filter(lost), func.count().filter(unclear))
        .select_from(ORDERS.outerjoin(picked, mine))
        .where(
            *window(scope, facts, "paid_at"),
            ORDERS.c.shop_id.not_in(lacking),
            ORDERS.c.source.in_(("live", "mixed")),
            select(LINES.c.order_id).where(line, is_live(LINES.c)).exists(),
        )
    ).one()
    return {"no_session": row[0], "ambiguous": row[1]}
