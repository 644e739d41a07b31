"""What each buyer bought and when, as columns of numbers: read once a state of the store for any period.

Repurchase, cohorts and segments are counted from these columns in milliseconds. Which orders are whose is
the business of ``buyers``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import BigInteger, and_, cast, func, select

from shopdata.analysis.buyers import ShopBuyers, buyer_orders, paid_scope, until
from shopdata.metrics.cache import remembered
from shopdata.metrics.constructs import text_number
from shopdata.metrics.context import frame_of
from shopdata.metrics.frame import Reads
from shopdata.scope import Scope
from shopdata.store.engine_duckdb import columns_of
from shopdata.store.personal import HASH_MARK

Whole = NDArray[np.int64]
Flags = NDArray[np.bool_]
DAY = 86_400
BEGINNING = datetime(1970, 1, 1)
APART = np.uint64(0x9E3779B97F4A7C15)  # an odd factor: a name common to two shops gets two numbers
LONG_AGO = -(1 << 40)  # the clock, in seconds, of a shop whose files tell no time


@dataclass(frozen=True, slots=True)
class Purchases:
    """Paid orders sorted by buyer and time, one element an order.

    ``whose``: the buyer's number (``text_number`` of the id, another one in each shop); ``at``: seconds of
    the wall clock since 1970; ``paid`` and ``net`` (after refunds) in fen; ``shown``: the id can still be
    shown.
    """

    shop: Whole
    whose: NDArray[np.uint64]
    at: Whole
    paid: Whole
    net: Whole
    shown: Flags

    def taken(self, rows: Any) -> Purchases:
        """Some of the orders (a mask, or places in the order wanted)."""
        return Purchases(
            self.shop[rows],
            self.whose[rows],
            self.at[rows],
            self.paid[rows],
            self.net[rows],
            self.shown[rows],
        )

    def inside(self, scope: Scope) -> Purchases:
        """Those paid in the period."""
        if scope.start is None and scope.end is None:
            return self
        return self.taken(in_period(self.at, scope))

    def first_orders(self) -> Whole:
        """Where each buyer's orders begin."""
        return np.flatnonzero(_begins(self.whose))

    def first_of_days(self) -> Whole:
        """Where each buyer's days begin: orders of one day are one purchase."""
        return np.flatnonzero(_begins(self.whose) | _begins(self.at // DAY))


def _begins(values: NDArray[Any]) -> Flags:
    """Where a value differs from the one before it."""
    found = np.ones(len(values), dtype=np.bool_)
    np.not_equal(values[1:], values[:-1], out=found[1:])
    return found


def seconds(moment: datetime) -> int:
    """Whole seconds of the wall clock since 1970."""
    return (moment - BEGINNING) // timedelta(seconds=1)


def in_period(at: Whole, scope: Scope) -> Flags:
    """Which times lie in the period."""
    found = np.ones(len(at), dtype=np.bool_)
    if scope.start is not None:
        found &= at >= _midnight(scope.start)
    if scope.end is not None:
        found &= at < _midnight(scope.end + timedelta(days=1))
    return found


def _midnight(day: date) -> int:
    return seconds(datetime.combine(day, time.min))


def of_shops(shop: Whole, values: Mapping[int, float], otherwise: float) -> NDArray[np.float64]:
    """The value of each row's shop."""
    found = np.full(len(shop), otherwise, dtype=np.float64)
    for one, value in values.items():
        found[shop == one] = value
    return found


def clock(shop: Whole, shops: Iterable[ShopBuyers], scope: Scope) -> Whole:
    """The second purchases of each row's shop are known up to."""
    known = {one.shop_id: until(one, scope) for one in shops}
    times = {one: float(seconds(moment)) for one, moment in known.items() if moment is not None}
    return of_shops(shop, times, LONG_AGO).astype(np.int64)


def purchases(store: Reads, scope: Scope) -> Purchases:
    """All purchases of the shops and sources asked about, whatever the period."""
    whole = paid_scope(scope).between(None, None)
    question = ("purchases", frame_of(store, whole).ids, whole.sources)
    return remembered(store, question, lambda: _read(store, whole))


def _read(store: Reads, scope: Scope) -> Purchases:
    orders = buyer_orders(store, scope)
    if orders is None:
        none = np.empty(0, dtype=np.int64)
        return Purchases(none, none.astype(np.uint64), none, none, none, none.astype(np.bool_))
    c = orders.c
    number = text_number(c.buyer).label("whose")
    shown = and_(c.shown_id.is_not(None), ~c.shown_id.startswith(HASH_MARK)).label("shown")
    money = (cast(amount, BigInteger).label(amount.name) for amount in (c.paid, c.net))
    statement = select(c.shop_id, c.paid_at, number, *money, shown)
    with store.read() as connection:
        found = columns_of(connection, statement)
    shop = found["shop_id"].astype(np.int64)
    every = Purchases(
        shop=shop,
        whose=_numbered(shop, found["whose"]),
        at=found["paid_at"].astype("datetime64[s]").astype(np.int64),
        paid=found["paid"].astype(np.int64),
        net=found["net"].astype(np.int64),
        shown=found["shown"].astype(np.bool_),
    )
    return every.taken(_sorted_places(every.whose, every.at))


def _numbered(shop: Whole, names: NDArray[Any]) -> NDArray[np.uint64]:
    return names.astype(np.uint64) ^ (shop.astype(np.uint64) * APART)


def _sorted_places(whose: NDArray[np.uint64], at: Whole) -> Whole:
    """Places by buyer, then by time: two sorts of plain numbers are several times as fast as one of pairs."""
    if not len(at):
        return np.empty(0, dtype=np.int64)
    by_buyer = np.argsort(whose)
    place = np.cumsum(_begins(whose[by_buyer]))
    return by_buyer[np.argsort((place << 32) + (at[by_buyer] - at.min()))]


def shown_ids(store: Reads, scope: Scope) -> dict[int, str]:
    """The ids that can still be shown, by the buyer's number in ``Purchases``."""
    orders = buyer_orders(store, scope)
    if orders is None:
        return {}
    c = orders.c
    number, shown = text_number(c.buyer).label("whose"), func.max(c.shown_id).label("shown_id")
    statement = select(c.shop_id, number, shown).where(~c.shown_id.startswith(HASH_MARK))
    with store.read() as connection:
        found = columns_of(connection, statement.group_by(c.shop_id, number))
    numbers = _numbered(found["shop_id"].astype(np.int64), found["whose"])
    return dict(zip(numbers.tolist(), found["shown_id"].tolist(), strict=True))
