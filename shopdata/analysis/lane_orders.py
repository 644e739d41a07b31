"""Shipped orders by lane (where from, where to), courier and half of the period, and what became of them.

A lane's hours run from the first shipment to the last parcel's signing. They are read from orders old enough
that a slow one would have been signed by now: young orders are signed only where they were fast. Hours beyond
a bound are counted as the bound, so that a lost parcel found after two months does not move its lane.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Float, and_, case, func, literal, or_, select
from sqlalchemy.sql.elements import ColumnElement

from shopdata.imports.scoping import all_shops
from shopdata.imports.warehouses import Origin, origin_of
from shopdata.metrics.cache import remembered
from shopdata.metrics.constructs import quantiles, real, seconds_between
from shopdata.metrics.context import frame_of, horizons_of
from shopdata.metrics.facts import Facts
from shopdata.metrics.frame import Reads
from shopdata.metrics.query import window
from shopdata.metrics.relation import orders_relation
from shopdata.platforms.distances import centres
from shopdata.scope import Scope

Numbers = NDArray[np.float64]
K = TypeVar("K", bound=Hashable)
SECONDS_PER_HOUR = 3600
SPREADS = 3  # hours count up to p50 + 3 × (p95 − p50)
LEARNING = 2 / 3
WITHIN = (48, 72)
USED = "used"
# Why a shipped order tells no lane time, in the order they are asked.
STATES = ("transit", "undated", "untracked", "inverted", "pending", "unsigned", USED)


@dataclass(frozen=True, slots=True)
class Warehouse:
    """A warehouse as orders name it (empty: none named), its orders, and where it stands."""

    shop_id: int
    shop: str
    name: str
    orders: int
    origin: Origin


@dataclass(frozen=True, slots=True)
class Cells:
    """Orders with a lane time, added up: one entry a shop, warehouse, origin, city, courier and half.

    ``later`` marks the last third of the period. ``hours`` and ``squares`` are sums of bounded hours and of
    their squares, ``plain`` the sum of the hours as they are; ``within`` counts orders signed within 48 and
    72 hours, one column each.
    """

    shop: tuple[int, ...]
    warehouse: tuple[str, ...]
    origin: tuple[str, ...]
    city: tuple[str, ...]
    courier: tuple[str, ...]
    later: NDArray[np.bool_]
    n: Numbers
    hours: Numbers
    squares: Numbers
    plain: Numbers
    within: Numbers

    def __len__(self) -> int:
        return len(self.n)


@dataclass(frozen=True, slots=True)
class LaneOrders:
    """What a period's shipped orders tell. ``by_city``: all of them by destination, ``unknown_city`` those
    without one; ``left_out``: how many tell no lane time, by reason. ``cut`` begins the last third."""

    data_up_to: datetime | None
    currency: str | None
    shipped: int
    by_city: Mapping[str, int]
    unknown_city: int
    left_out: Mapping[str, int]
    warehouses: tuple[Warehouse, ...]
    cells: Cells
    first: datetime | None
    last: datetime | None
    cut: datetime | None

    @property
    def per_month(self) -> float:
        """Shipped orders in 30 days at the period's pace."""
        if self.first is None or self.last is None:
            return 0.0
        days = (self.last.date() - self.first.date()).days + 1
        return self.shipped / days * 30


@dataclass(frozen=True, slots=True)
class Reading:
    """The relation of a scope's orders with the conditions lanes are read under."""

    relation: Any
    facts: Facts
    shipped: ColumnElement[bool]

    @property
    def hours(self) -> ColumnElement[Any]:
        """Hours from shipping to signing."""
        c = self.facts.c
        return real(seconds_between(c.shipped_at, c.signed_at)) / SECONDS_PER_HOUR

    @property
    def state(self) -> ColumnElement[str]:
        """What a shipped order tells: one of ``STATES``."""
        c = self.facts.c
        old = func.coalesce(self.facts.matured("sign"), False)
        asked = {
            "transit": func.coalesce(c.is_transit, False),
            "undated": c.shipped_at.is_(None),
            "untracked": and_(c.signed_at.is_(None), func.coalesce(c.parcels_tracked, 0) == 0),
            "inverted": func.coalesce(c.signed_at < c.shipped_at, False),
            "pending": or_(old.is_(False), old.is_(None)),
            "unsigned": c.signed_at.is_(None),
        }
        return case(*((condition, literal(key)) for key, condition in asked.items()), else_=literal(USED))


def reading_of(store: Reads, scope: Scope) -> Reading:
    """The orders of the scope, by the time they were placed."""
    frame = frame_of(store, scope)
    relation = orders_relation(frame, scope, ())
    facts = Facts(relation.c, frame, horizons_of(store, frame, ("sign",)))
    shipped = and_(*window(scope, facts, "placed_at"), func.coalesce(facts.c.is_shipped, False))
    return Reading(relation, facts, shipped)


def lane_orders(store: Reads, scope: Scope) -> LaneOrders:
    """The lanes of the orders placed in the period."""
    return remembered(store, ("lane orders", scope), lambda: _read(store, scope))


def _read(store: Reads, scope: Scope) -> LaneOrders:
    frame = frame_of(store, scope)
    if not frame.shops:
        return _lanes((), None, None, None, {}, frame.data_up_to, frame.currency)
    asked = reading_of(store, scope)
    with store.read() as connection:
        first, last, bound = _bounds(connection, asked)
        shops = {shop.id: shop for shop in all_shops(connection)}
        cut = first + (last - first) * LEARNING if first and last else None
        rows = _cells(connection, asked, cut, bound) if cut else ()
    held = {
        (row.shop_id, row.warehouse): (shops[row.shop_id].name, origin_of(shops[row.shop_id], row.warehouse))
        for row in rows
    }
    return _lanes(rows, first, last, cut, held, frame.data_up_to, frame.currency)


def _bounds(connection: Connection, asked: Reading) -> tuple[datetime | None, datetime | None, float]:
    """First and last shipped order's placing, and the bound of hours."""
    c = asked.facts.c
    row = connection.execute(
        select(
            func.min(c.placed_at),
            func.max(c.placed_at),
            quantiles(asked.hours).filter(c.signed_at >= c.shipped_at),
        )
        .select_from(asked.relation)
        .where(asked.shipped)
    ).one()
    median, _, high = row[2] or (0.0, 0.0, 0.0)
    return row[0], row[1], median + SPREADS * (high - median)


def _cells(connection: Connection, asked: Reading, cut: datetime, bound: float) -> Sequence[Any]:
    c = asked.facts.c
    inner = (
        select(
            c.shop_id,
            func.coalesce(c.warehouse_name, "").label("warehouse"),
            c.city,
            func.coalesce(c.courier, "").label("courier"),
            case((c.placed_at >= cut, True), else_=False).label("later"),
            asked.state.label("state"),
            asked.hours.label("hours"),
        )
        .select_from(asked.relation)
        .where(asked.shipped)
        .subquery("shipped_orders")
    )
    rows = inner.c
    bounded = func.least(rows.hours, literal(bound, Float(53)))
    keys = (rows.shop_id, rows.warehouse, rows.city, rows.courier, rows.later, rows.state)
    statement = select(
        *keys,
        func.count().label("n"),
        func.sum(bounded).label("hours"),
        func.sum(bounded * bounded).label("squares"),
        func.sum(rows.hours).label("plain"),
        *(func.count().filter(rows.hours <= limit).label(f"within_{limit}") for limit in WITHIN),
    ).group_by(*keys)
    return connection.execute(statement.order_by(*keys)).all()


def _lanes(
    rows: Sequence[Any],
    first: datetime | None,
    last: datetime | None,
    cut: datetime | None,
    held: Mapping[tuple[int, str], tuple[str, Origin]],
    data_up_to: datetime | None,
    currency: str | None,
) -> LaneOrders:
    by_city = _summed((row.city if row.city in centres() else "", row.n) for row in rows)
    unknown = by_city.pop("", 0)
    orders = _summed(((row.shop_id, row.warehouse), row.n) for row in rows)
    origins = [held[row.shop_id, row.warehouse][1].city for row in rows]
    told = [(row, origin, _lacks(row, origin)) for row, origin in zip(rows, origins, strict=True)]
    used = [(row, origin) for row, origin, reason in told if reason is None and origin is not None]
    found = [
        Warehouse(shop, held[shop, name][0], name, n, held[shop, name][1])
        for (shop, name), n in orders.items()
    ]
    return LaneOrders(
        data_up_to=data_up_to,
        currency=currency,
        shipped=sum(row.n for row in rows),
        by_city=dict(sorted(by_city.items(), key=lambda pair: (-pair[1], pair[0]))),
        unknown_city=unknown,
        left_out=_summed((reason, row.n) for row, _, reason in told if reason is not None),
        warehouses=tuple(sorted(found, key=lambda one: -one.orders)),
        cells=_columns(used),
        first=first,
        last=last,
        cut=cut,
    )


def _summed(counts: Iterable[tuple[K, int]]) -> dict[K, int]:
    """Counts under the same key added up, keys in the order they come."""
    found: dict[K, int] = {}
    for key, n in counts:
        found[key] = found.get(key, 0) + n
    return found


def _lacks(row: Any, origin: str | None) -> str | None:
    """Why orders tell no lane time; ``None`` where they do."""
    if row.state != USED:
        return str(row.state)
    if row.city not in centres():
        return "no_city"
    return "no_origin" if origin is None else None


def _columns(used: Sequence[tuple[Any, str]]) -> Cells:
    rows = [row for row, _ in used]

    def sums(name: str) -> Numbers:
        return np.array([getattr(row, name) for row in rows], dtype=np.float64)

    return Cells(
        shop=tuple(row.shop_id for row in rows),
        warehouse=tuple(row.warehouse for row in rows),
        origin=tuple(origin for _, origin in used),
        city=tuple(row.city for row in rows),
        courier=tuple(row.courier for row in rows),
        later=np.array([row.later for row in rows], dtype=np.bool_),
        n=sums("n"),
        hours=sums("hours"),
        squares=sums("squares"),
        plain=sums("plain"),
        within=np.array([[getattr(row, f"within_{limit}") for limit in WITHIN] for row in rows], np.float64),
    )
