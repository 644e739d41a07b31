"""Incidents: many open hits with one cause, told as one thing. Derived whenever they are read.

The hits of a shipping or parcel rule on one province and courier are an incident when they are on at least
as many orders as the rule's limit ``incident``, and clearly more than usual there, by either of two signs:
their share of the rule's open hits is at least ``TIMES`` the share that province and courier have of the
shop's orders in 90 days; or they are on at least ``MOST`` of those placed there from the day of the first to
the day of the last (a whole country can stand still). Where hits tell no province or courier, any counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, and_, case, func, literal, or_, select

from shopdata.abnormal.causes import Cause
from shopdata.abnormal.definition import INCIDENT
from shopdata.abnormal.judging import Judges, judge_if_free
from shopdata.abnormal.limits import limits_of
from shopdata.abnormal.reading import held, within
from shopdata.abnormal.suspensions import SUSPENDABLE
from shopdata.metrics.constructs import day_of, moment, real
from shopdata.metrics.context import frame_of
from shopdata.metrics.facts import per_shop
from shopdata.metrics.frame import Frame
from shopdata.scope import Scope
from shopdata.store.tables import orders

TIMES, MOST, USUAL_DAYS = 2, 0.5, timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Incident:
    """One cause and the orders it concerns now. ``amount``: their fen; ``deadline``: the earliest; ``since``:
    of the oldest hit. ``share`` of the rule's open hits, ``usual`` of the shop's orders, ``struck``: of the
    lane's orders of those days; each 0–1."""

    cause: Cause
    orders: int
    amount: int
    deadline: datetime | None
    since: datetime
    share: float
    usual: float
    struck: float


def incidents(store: Judges, scope: Scope) -> tuple[Incident, ...]:
    """The incidents of the scope, those with the most orders first."""
    judge_if_free(store)
    frame = frame_of(store, scope)
    if not frame.shops:
        return ()
    query = _query(_lanes(store, frame, scope), _by_day(frame), _fewest(store, frame))
    with store.read() as connection:
        return tuple(map(_incident, connection.execute(query)))


def _fewest(store: Judges, frame: Frame) -> Mapping[tuple[int, str], float]:
    """The limits shops have set, by shop and rule."""
    today = store.settings.now().date()
    with store.read() as connection:
        held_limits = {shop: limits_of(connection, shop, today) for shop in frame.ids}
    return {
        (shop, rule): value
        for shop, limits in held_limits.items()
        for (rule, name), value in limits.items()
        if name == INCIDENT.name
    }


def _lanes(store: Judges, frame: Frame, scope: Scope) -> Any:
    """Open hits by shop, rule, province and courier, those below the alarm budget with them; an order counts
    once a rule, with its largest amount."""
    c, o = held(store, frame).c, orders.c
    of_order = and_(o.shop_id == c.shop_id, o.order_id == c.order_id)
    names = (c.shop_id, c.rule, o.province, o.courier, o.order_id, o.placed_at)
    by_order = (
        select(
            *names,
            func.max(c.amount).label("amount"),
            func.min(c.deadline_at).label("deadline"),
            func.min(c.since).label("since"),
        )
        .join(orders, of_order)
        .where(c.is_live, c.rule.in_(SUSPENDABLE), *within(c, scope))
        .group_by(*names)
        .subquery("by_order")
    )
    b = by_order.c
    lane = (b.shop_id, b.rule, b.province, b.courier)
    n = func.count()
    return (
        select(
            *lane,
            n.label("n"),
            func.sum(n).over(partition_by=(b.shop_id, b.rule)).label("of_rule"),
            func.sum(b.amount).label("amount"),
            func.min(b.deadline).label("deadline"),
            func.min(b.since).label("since"),
            func.min(b.placed_at).label("first"),
            func.max(b.placed_at).label("last"),
        )
        .group_by(*lane)
        .subquery("lanes")
    )


def _query(lanes: Any, by_day: Any, fewest: Mapping[tuple[int, str], float]) -> Any:
    """Of the lanes those that are incidents, with what is usual there."""
    c, d = lanes.c, by_day.c
    own = [(and_(c.shop_id == shop, c.rule == rule), value) for (shop, rule), value in fewest.items()]
    limit = case(*own, else_=INCIDENT.default) if own else literal(INCIDENT.default)
    of_lane = and_(
        or_(c.province.is_(None), d.province == c.province), or_(c.courier.is_(None), d.courier == c.courier)
    )
    in_days = d.day.between(day_of(c.first), day_of(c.last))
    counted = (
        select(
            *c,
            (real(c.n) / c.of_rule).label("share"),
            _part(func.sum(d.n).filter(of_lane), func.sum(d.n)).label("usual"),
            _part(c.n, func.sum(d.n).filter(of_lane, in_days)).label("struck"),
        )
        .join(by_day, d.shop_id == c.shop_id)
        .where(c.n >= limit, or_(c.province.is_not(None), c.courier.is_not(None)))
        .group_by(*c)
        .subquery("counted")
    )
    k = counted.c
    clearly = or_(k.share >= TIMES * k.usual, k.struck >= MOST)
    return select(counted).where(clearly).order_by(k.n.desc(), k.rule, k.province, k.courier)


def _part(some: Any, every: Any) -> Any:
    return func.coalesce(real(some) / func.nullif(every, 0), 0.0)


def _by_day(frame: Frame) -> Any:
    """Orders of the last 90 days by shop, province, courier and day of placing."""
    o = orders.c
    first = {shop.id: shop.as_of["orders"] - USUAL_DAYS for shop in frame.shops if "orders" in shop.as_of}
    lane = (o.shop_id, o.province, o.courier, day_of(o.placed_at).label("day"))
    recent = o.placed_at >= per_shop(o.shop_id, first, moment)
    query = select(*lane, func.count().label("n")).where(o.shop_id.in_(frame.ids), recent)
    return query.group_by(*lane).subquery("by_day")


def _incident(row: Row[Any]) -> Incident:
    return Incident(
        Cause(row.shop_id, row.rule, row.province, row.courier),
        row.n,
        int(row.amount or 0),
        row.deadline,
        row.since,
        row.share,
        row.usual,
        min(row.struck, 1.0),
    )
