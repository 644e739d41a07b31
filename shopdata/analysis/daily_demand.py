"""Units sold a day by article, from the shop's own orders, and what the coming days may ask for.

Counted are units of paid orders on the day they were paid, gifts included (they leave the shelf too); orders
refunded before they were shipped are not (they never left it). Days are whole days an order file of the shop
covers: others are unknown, not 0.

The coming days are drawn from the past ones: blocks of seven days in a row (so that good days keep their
neighbours and each week has its weekend), the history taken as a ring. Each future first redraws the history
itself, and is then stretched about the mean (``stretch``): a few redrawn weeks vary less than weeks do, and
without it a 95 % stock would serve 91 % of the time. So a short history makes wide futures. No trend, no
season: what was, goes on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, case, func, not_, select

from shopdata.analysis.resampling import SEED, Numbers
from shopdata.metrics.calendar import each_day
from shopdata.metrics.constructs import day_of, moment
from shopdata.metrics.facts import Facts, per_shop
from shopdata.metrics.frame import Frame, ShopFrame
from shopdata.metrics.relation import LINES
from shopdata.metrics.series import WHOLE_FROM, WHOLE_TO
from shopdata.store import tables

BLOCK, FUTURES = 7, 2_000
FEWEST_DAYS = 28
Z_SERVICE = 1.6448536269514722  # standard normal, 95 %
# Demand is skewed: with it, 95 % stocks serve 95 % of simulated Poisson and negative binomial demand, too.
SKEWED = 1.05
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Article:
    """What is sold, as its lines name it: by merchant code where they carry one, else by product and spec."""

    shop: int
    sku_code: str | None
    product_id: str | None
    product_name: str | None
    product_spec: str | None


@dataclass(frozen=True, slots=True)
class Sold:
    """An article in all data: last day sold, units since the stock was counted, units paid and not shipped;
    ``product`` is the id its lines carry, ``spec`` theirs, ``name`` for display."""

    article: Article
    product: str | None
    spec: str | None
    name: str | None
    last_day: date | None
    since: int
    owed: int


@dataclass(frozen=True, slots=True)
class Futures:
    """Ways the coming days may go, the same for every article with as many days of history."""

    history: NDArray[np.int64]
    ahead: NDArray[np.int64]

    @property
    def stretch(self) -> float:
        """What makes the spread of redrawn blocks that of a new one: √(n ÷ (n − 1)) for n blocks of history,
        times Student's 95 % quantile over the normal one (by its expansion in 1 ÷ degrees of freedom), times
        ``SKEWED``."""
        n = max(self.history.shape[1], 2)
        z, free = Z_SERVICE, n - 1
        student = z + (z**3 + z) / (4 * free) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * free**2)
        return float(SKEWED * np.sqrt(n / free) * student / z)

    @staticmethod
    def over(days: int, ahead: int, futures: int = FUTURES) -> Futures:
        """Futures of up to ``ahead`` days from ``days`` of history (at least a block). Seeded."""
        draw = np.random.default_rng(SEED)
        history = draw.integers(0, days, size=(futures, max(1, round(days / BLOCK))))
        chosen = draw.integers(0, history.shape[1], size=(futures, -(-max(ahead, 1) // BLOCK)))
        return Futures(history, np.take_along_axis(history, chosen, axis=1))

    def total(self, units: Numbers, days: int) -> Numbers:
        """Units asked for in the first ``days`` days of each future, whole pieces."""
        whole, rest = divmod(days, BLOCK)
        ring = np.concatenate([[0.0], np.cumsum(np.concatenate([units, units[:BLOCK]]))])
        found: Numbers = (ring[self.ahead[:, :whole] + BLOCK] - ring[self.ahead[:, :whole]]).sum(axis=1)
        if rest:
            found = found + ring[self.ahead[:, whole] + rest] - ring[self.ahead[:, whole]]
        return np.rint(self._stretched(found, float(units.mean()) * days))

    def rates(self, units: Numbers) -> Numbers:
        """Units a day of each redrawn history."""
        ring = np.concatenate([[0.0], np.cumsum(np.concatenate([units, units[:BLOCK]]))])
        found: Numbers = (ring[self.history + BLOCK] - ring[self.history]).mean(axis=1) / BLOCK
        return self._stretched(found, float(units.mean()))

    def _stretched(self, found: Numbers, middle: float) -> Numbers:
        return np.maximum(middle + (found - middle) * self.stretch, 0.0)


def last_whole_day(shop: ShopFrame) -> date | None:
    """The last day the shop's order files hold to its end."""
    ends = shop.as_of.get("orders")
    if ends is None:
        return None
    return ends.date() if ends.time() >= WHOLE_TO else ends.date() - DAY


def known_days(shop: ShopFrame, first: date, last: date) -> tuple[date, ...]:
    """The whole days from ``first`` to ``last`` that order files of the shop cover."""
    end = last_whole_day(shop)
    if end is None:
        return ()
    begins = {moment.date() for moment in shop.begins if moment.time() > WHOLE_FROM}
    cut = {day for day in begins if not any(start < day <= stop for start, stop in shop.covered)}
    return tuple(
        day
        for day in each_day(first, min(last, end))
        if day not in cut and any(start <= day <= stop for start, stop in shop.covered)
    )


def _article(frame: Frame, connection: Connection) -> tuple[list[Any], Any, Any]:
    """Key columns of an article, the join of lines with their orders, and what counts as demand."""
    orders, lines = tables.orders.c, LINES.c
    bare = lines.sku_code.is_(None)
    keys = [
        lines.shop_id,
        lines.sku_code,
        *(case((bare, lines[name])).label(name) for name in ("product_id", "product_name", "product_spec")),
    ]
    joined = LINES.join(
        tables.orders, (orders.shop_id == lines.shop_id) & (orders.order_id == lines.order_id)
    )
    facts = Facts(orders, frame, {}, "paid_at")
    unshipped = func.coalesce(facts.condition("refunded_unshipped"), False)
    wanted = lines.counted & orders.is_paid & not_(unshipped) & orders.shop_id.in_(frame.ids)
    return keys, joined, wanted


def sold(connection: Connection, frame: Frame, counted_at: Mapping[int, datetime]) -> tuple[Sold, ...]:
    """Every article ever sold. ``counted_at``: when each shop's stock was counted; absent without one."""
    keys, joined, wanted = _article(frame, connection)
    orders, lines = tables.orders.c, LINES.c
    cuts = {shop.id: _cut(counted_at.get(shop.id)) for shop in frame.shops}
    since = orders.paid_at >= per_shop(orders.shop_id, cuts, moment)
    waits = ~func.coalesce(orders.is_shipped, False) & ~func.coalesce(orders.is_closed, False)
    rows = connection.execute(
        select(
            *keys,
            func.max(lines.product_id).label("any_product"),
            func.max(lines.product_spec).label("any_spec"),
            func.max(lines.product_name).label("any_name"),
            func.max(orders.paid_at).label("last_paid"),
            func.sum(lines.quantity).filter(since).label("since"),
            func.sum(lines.quantity).filter(waits).label("owed"),
        )
        .select_from(joined)
        .where(wanted)
        .group_by(*keys)
    )
    return tuple(
        Sold(
            Article(*row[:5]), row.any_product, row.any_spec, row.any_name,
            row.last_paid.date() if row.last_paid else None, int(row.since or 0), int(row.owed or 0),
        )
        for row in rows
    )  # fmt: skip


def _cut(counted: datetime | None) -> datetime | None:
    """From when on sales are not in the count: a count of a day without a clock is of its end."""
    if counted is None or counted.time() != time():
        return counted
    return counted + DAY


def daily_units(
    connection: Connection, frame: Frame, days: Mapping[int, Sequence[date]]
) -> dict[Article, Numbers]:
    """Units of each article on each of its shop's ``days``, in order; articles sold on none are absent."""
    every = [day for mine in days.values() for day in mine]
    if not every:
        return {}
    keys, joined, wanted = _article(frame, connection)
    paid = tables.orders.c.paid_at
    day = day_of(paid)
    rows = connection.execute(
        select(*keys, day, func.sum(LINES.c.quantity))
        .select_from(joined)
        .where(
            wanted,
            paid >= datetime.combine(min(every), time()),
            paid < datetime.combine(max(every), time()) + DAY,
        )
        .group_by(*keys, day)
    )
    place = {shop: {day: number for number, day in enumerate(mine)} for shop, mine in days.items()}
    found: dict[Article, Numbers] = {}
    for row in rows:
        at = place.get(row[0], {}).get(row[5])
        if at is not None:
            units = found.setdefault(Article(*row[:5]), np.zeros(len(days[row[0]])))
            units[at] += row[6] or 0
    return found
