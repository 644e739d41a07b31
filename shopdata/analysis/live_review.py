"""One live session reviewed: minute by minute, product by product, host by host, beside those before it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from statistics import median
from typing import Any

from sqlalchemy import Connection, and_, func, select

from shopdata.analysis.live import AFTERSALES, live
from shopdata.analysis.live_orders import (
    IDS,
    NAMES,
    TAIL,
    Span,
    assigned,
    sessions_of,
    sold_lines,
    sold_orders,
)
from shopdata.analysis.live_spend import Spend, read_ads, spend_of
from shopdata.analysis.live_values import Live, Session
from shopdata.metrics.cache import remembered
from shopdata.metrics.constructs import seconds_between
from shopdata.metrics.context import frame_of
from shopdata.metrics.frame import Frame, Reads
from shopdata.scope import Scope
from shopdata.store.own_entities import HOST_SHIFTS, LIVE_SESSIONS

MOST_BEFORE, ENOUGH_BEFORE = 20, 5
MINUTE = timedelta(minutes=1)
WHOSE = (*IDS, *NAMES, "room_id")


@dataclass(frozen=True, slots=True)
class Product:
    """A product a session sold: orders with it, pieces, money, and money refunded up to now."""

    product_id: str | None
    name: str | None
    orders: int
    units: int
    paid_amount: int
    refund_amount: int


@dataclass(frozen=True, slots=True)
class Turn:
    """A host's turn in the session and the orders paid in it; two hosts at once both have them."""

    host: str
    started_at: datetime
    ended_at: datetime
    orders: int
    paid_amount: int


@dataclass(frozen=True, slots=True)
class Compared:
    """A figure beside the sessions of the same account before it: their median, least, most, number."""

    key: str
    value: float | None
    median: float | None
    least: float | None
    most: float | None
    n: int

    @property
    def verdict(self) -> str:
        """``above`` or ``below`` all of at least five before, ``within`` them, or ``few``."""
        if self.value is None or self.least is None or self.most is None or self.n < ENOUGH_BEFORE:
            return "few"
        return "above" if self.value > self.most else ("below" if self.value < self.least else "within")


@dataclass(frozen=True, slots=True)
class Review:
    """A session. ``minutes``: orders paid in each minute from its start until ``TAIL`` after its end.

    ``compared`` refunds are those paid back by the same age after the end, so a young session is not praised
    for refunds still to come; ``age`` is that age, ``None`` where after-sales do not reach the session.
    """

    session: Session
    minutes: tuple[int, ...]
    products: tuple[Product, ...]
    turns: tuple[Turn, ...]
    has_shifts: bool
    spend: Spend | None
    compared: tuple[Compared, ...]
    age: timedelta | None


def review(store: Reads, scope: Scope, key: str) -> Review | None:
    """The review of the session ``key`` (see ``Session.key``) among those of the scope or shortly before;
    ``None`` where there is no such session or nothing is known of it."""
    return remembered(store, ("live review", scope, key), lambda: _read(store, scope, key))


def _read(store: Reads, scope: Scope, key: str) -> Review | None:
    found = live(store, scope)
    session = found.find(key)
    if session is None or session.ended_at is None or session.days is None:
        return None
    frame, ended = frame_of(store, replace(scope, shops=(session.shop_id,))), session.ended_at
    before = _before(found, session)
    span = Span(min(one.started_at for one in (session, *before)) - TAIL, session.started_at + MINUTE)
    age = _age(frame, ended)
    with store.read() as connection:
        picked = assigned(sessions_of(frame, span), frame, span, "paid_at")
        lines = sold_lines(picked, [picked.c.entry == session.entry])
        orders = connection.execute(select(sold_orders(picked, lines))).all()
        products = _products(connection, lines)
        who = _who(connection, session)
        turns, has_shifts = _turns(connection, session, ended, who, orders)
        ads = read_ads(connection, frame, session.started_at, ended)
        returned = None if age is None else _returned(connection, frame, span, [session, *before], age)
    spend = spend_of(ads, session.shop_id, who, session.started_at, ended)
    if session.told_spend is not None:
        spend = Spend(session.told_spend, "session")
    compared = _compared(session, before, returned)
    return Review(
        session, _minutes(session, ended, orders), products, turns, has_shifts, spend, compared, age
    )


def _before(found: Live, session: Session) -> list[Session]:
    """Sessions of the same account before it whose figures are known and whole, the nearest first."""
    every = sorted((*found.sessions, *found.before), key=lambda one: one.started_at, reverse=True)
    mine = (session.shop_id, session.account)
    same = [
        one for one in every if (one.shop_id, one.account) == mine and one.started_at < session.started_at
    ]
    return [one for one in same if one.whole and one.hours][:MOST_BEFORE]


def _age(frame: Frame, ended: datetime) -> timedelta | None:
    """How long after its end after-sales are known."""
    reach = next(iter(frame.as_of("aftersales").values()), None)
    if frame.is_missing(AFTERSALES) or reach is None or reach < ended:
        return None
    return reach - ended


def _minutes(session: Session, ended: datetime, orders: Sequence[Any]) -> tuple[int, ...]:
    counts = [0] * (int((ended + TAIL - session.started_at) / MINUTE) + 1)
    for order in orders:
        counts[int((order.paid_at - session.started_at) / MINUTE)] += 1
    return tuple(counts)


def _products(connection: Connection, lines: Any) -> tuple[Product, ...]:
    c = lines.c
    orders = func.count(c.order_id.distinct())
    sums = [func.coalesce(func.sum(c[name]), 0) for name in ("units", "paid_amount", "refund_amount")]
    statement = (
        select(c.product_id, func.max(c.product_name), orders, *sums)
        .group_by(c.product_id)
        .order_by(sums[1].desc(), c.product_id.nulls_last())
    )
    return tuple(Product(row[0], row[1], *map(int, row[2:])) for row in connection.execute(statement))


def _turns(
    connection: Connection, session: Session, ended: datetime, who: frozenset[str], orders: Sequence[Any]
) -> tuple[tuple[Turn, ...], bool]:
    """Turns that overlap the session and are of its room (or of no room said), with the orders paid in them;
    the last one also with those paid after the end. And whether the shop keeps turns at all."""
    rows = HOST_SHIFTS.table.c
    of_shop = select(HOST_SHIFTS.table).where(rows.shop_id == session.shop_id)
    overlaps = and_(rows.started_at < ended, rows.ended_at > session.started_at)
    found = []
    for row in connection.execute(of_shop.where(overlaps).order_by(rows.started_at, rows.host)):
        room = frozenset(filter(None, (row.account_id, row.account_name, row.room_id, row.room_name)))
        if room and not room & who:
            continue
        start, end = max(row.started_at, session.started_at), min(row.ended_at, ended)
        until = ended + TAIL + MINUTE if end == ended else end
        mine = [order for order in orders if start <= order.paid_at < until]
        paid = int(sum(order.paid_amount or 0 for order in mine))
        found.append(Turn(row.host, start, end, len(mine), paid))
    return tuple(found), bool(found) or connection.execute(of_shop.limit(1)).first() is not None


def _who(connection: Connection, session: Session) -> frozenset[str]:
    """Every id and name the session goes by."""
    rows = LIVE_SESSIONS.table.c
    statement = select(*(rows[name] for name in WHOSE)).where(
        rows.shop_id == session.shop_id, rows.entry == session.entry
    )
    return frozenset(filter(None, connection.execute(statement).one()))


def _returned(
    connection: Connection, frame: Frame, span: Span, sessions: Sequence[Session], age: timedelta
) -> dict[str, int]:
    """Orders of each session paid back no later than ``age`` after its end."""
    table = sessions_of(frame, span)
    picked = assigned(table, frame, span, "paid_at")
    entries = [one.entry for one in sessions]
    sold = sold_orders(picked, sold_lines(picked, [picked.c.entry.in_(entries)]))
    same = and_(table.c.shop_id == sold.c.shop_id, table.c.entry == sold.c.entry)
    soon = seconds_between(table.c.ended_at, sold.c.refunded_at) <= int(age.total_seconds())
    statement = (
        select(sold.c.entry, func.count().filter(and_(sold.c.is_refunded, soon)))
        .select_from(sold.join(table, same))
        .group_by(sold.c.entry)
    )
    return {entry: count for entry, count in connection.execute(statement)}


def _compared(
    session: Session, before: Sequence[Session], returned: Mapping[str, int] | None
) -> tuple[Compared, ...]:
    """Nothing for a session the order files do not reach the end of."""
    if not session.whole:
        return ()
    now, past = _figures(session, returned), [_figures(one, returned) for one in before]
    found = []
    for key, value in now.items():
        known = [one[key] for one in past]
        values = [one for one in known if one is not None]
        least, most = (min(values), max(values)) if values else (None, None)
        found.append(Compared(key, value, median(values) if values else None, least, most, len(values)))
    return tuple(found)


def _figures(session: Session, returned: Mapping[str, int] | None) -> dict[str, float | None]:
    sums, hours = session.sums, session.hours
    n = sums.orders if sums else 0
    paid = sums.paid_amount if sums else 0
    return {
        "orders": n,
        "orders_per_hour": n / hours if hours else None,
        "paid_amount": paid,
        "average_order_value": paid / n if n else None,
        "refunded_by_age": returned.get(session.entry, 0) / n if n and returned is not None else None,
        "visitors": session.visitors,
    }
