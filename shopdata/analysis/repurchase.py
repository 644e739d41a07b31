"""How many buyers come back within 30, 60 and 90 days, among those observed at least that long.

Counted from a buyer's first purchase in the data; only a purchase on a later day is a return. A buyer whose
first purchase is younger than the days asked about is left out, not counted as lost.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import Connection, FromClause, and_, case, func, select

from shopdata.analysis.buyers import (
    ShopBuyers,
    buyer_orders,
    clock,
    keyed_shops,
    paid_scope,
    purchases,
    shop_buyers,
)
from shopdata.metrics.cache import remembered
from shopdata.metrics.constructs import Expression, quantiles, seconds_between
from shopdata.metrics.context import frame_of
from shopdata.metrics.frame import Reads
from shopdata.metrics.intervals import wilson
from shopdata.scope import Scope
from shopdata.words import Words, words

WITHIN = (30, 60, 90)
DAY = 86_400


@dataclass(frozen=True, slots=True)
class Within:
    """Buyers observed at least ``days`` (``d``), back by then (``n``), and ``young`` ones left out."""

    days: int
    n: int
    d: int
    young: int

    @property
    def rate(self) -> float | None:
        """The share that came back."""
        return self.n / self.d if self.d else None

    @property
    def bounds(self) -> tuple[float, float] | None:
        """Its Wilson interval."""
        return wilson(self.n, self.d)


@dataclass(frozen=True, slots=True)
class Repurchase:
    """The rates; ``median_days`` from first to second purchase among the ``returned`` (long waits are not
    yet in it, so it is a lower bound)."""

    scope: Scope
    data_up_to: datetime | None
    currency: str | None
    shops: tuple[ShopBuyers, ...]
    buyers: int
    rows: tuple[Within, ...]
    returned: int
    median_days: float | None

    def as_json(self, language: Words | None = None) -> dict[str, Any]:
        """The document of ``customers --view repurchase``."""
        spoken = language or words()
        return {
            "view": "repurchase",
            "data_up_to": self.data_up_to and self.data_up_to.isoformat(),
            "currency": self.currency,
            "rows": [_row(row, spoken) for row in self.rows],
            "total": {
                "buyers": self.buyers,
                "returned": self.returned,
                "median_days": self.median_days,
            },
            "notes": [shop.sentence(spoken) for shop in self.shops],
        }


def _row(row: Within, spoken: Words) -> dict[str, Any]:
    low, high = row.bounds or (None, None)
    return {
        "key": str(row.days),
        "label": spoken("analysis.buyers.within", days=row.days),
        "n": row.n,
        "d": row.d,
        "returned": row.n,
        "observed": row.d,
        "rate": row.rate,
        "low": low,
        "high": high,
        "young": row.young,
    }


def repurchase(store: Reads, scope: Scope) -> Repurchase:
    """Repurchase of the buyers whose first purchase in the data lies in the period."""
    asked = paid_scope(scope)
    return remembered(store, ("repurchase", asked), lambda: _read(store, asked))


def _read(store: Reads, scope: Scope) -> Repurchase:
    frame, shops = frame_of(store, scope), keyed_shops(store, scope)
    orders = buyer_orders(store, scope.between(None, None))
    counts: tuple[Any, ...] = (0,) * (2 + 2 * len(WITHIN))
    median = None
    if orders is not None:
        with store.read() as connection:
            *counts, waits = _counts(connection, firsts(purchases(orders), scope), shops)
        median = waits[0] / DAY if waits and waits[0] is not None else None
    buyers, returned, *pairs = counts
    rows = zip(WITHIN, pairs[::2], pairs[1::2], strict=True)
    return Repurchase(
        scope=scope,
        data_up_to=frame.data_up_to,
        currency=frame.currency,
        shops=shop_buyers(store, scope),
        buyers=buyers,
        rows=tuple(Within(days, n, d, buyers - d) for days, n, d in rows),
        returned=returned,
        median_days=median,
    )


def firsts(days: FromClause, scope: Scope) -> FromClause:
    """One row a buyer who first bought in the period: when, and when next on a later day."""
    c = days.c
    later = func.min(case((c.day > c.first_day, c.at)))
    chosen = select(c.shop_id, c.buyer, c.first_at, later.label("second_at"))
    return chosen.where(*first_inside(c, scope)).group_by(c.shop_id, c.buyer, c.first_at).cte("firsts")


def first_inside(c: Any, scope: Scope) -> list[Expression]:
    """Whose first purchase lies in the period."""
    conditions: list[Expression] = []
    if scope.start is not None:
        conditions.append(c.first_at >= datetime.combine(scope.start, time.min))
    if scope.end is not None:
        conditions.append(c.first_at < datetime.combine(scope.end + timedelta(days=1), time.min))
    return conditions


def _counts(connection: Connection, buyers: FromClause, shops: tuple[ShopBuyers, ...]) -> Any:
    """Whatever the period's end: later purchases are seen as far as the files reach."""
    c = buyers.c
    seen = seconds_between(c.first_at, clock(c, shops, Scope()))
    waited = seconds_between(c.first_at, c.second_at)
    columns = []
    for days in WITHIN:
        old = seen >= days * DAY
        columns += [func.count().filter(and_(old, waited <= days * DAY)), func.count().filter(old)]
    return connection.execute(
        select(func.count(), func.count(c.second_at), *columns, quantiles(waited)).select_from(buyers)
    ).one()
