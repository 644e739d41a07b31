"""How many buyers come back within 30, 60 and 90 days, among those observed at least that long.

Counted from a buyer's first purchase in the data; only a purchase on a later day is a return. A buyer whose
first purchase is younger than the days asked about is left out, not counted as lost.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from shopdata.analysis.buyers import ShopBuyers, keyed_shops, paid_scope, shop_buyers
from shopdata.analysis.purchases import DAY, Flags, Purchases, Whole, clock, in_period, purchases
from shopdata.metrics.cache import remembered
from shopdata.metrics.context import frame_of
from shopdata.metrics.frame import Reads
from shopdata.metrics.intervals import wilson
from shopdata.scope import Scope
from shopdata.words import Words, words

WITHIN = (30, 60, 90)


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
    buyers = first_and_second(purchases(store, scope), scope)
    waits = (buyers.second_at - buyers.first_at)[buyers.came_back]
    # Whatever the period's end: later purchases are seen as far as the files reach.
    seen = clock(buyers.shop, shops, Scope()) - buyers.first_at
    return Repurchase(
        scope=scope,
        data_up_to=frame.data_up_to,
        currency=frame.currency,
        shops=shop_buyers(store, scope),
        buyers=len(seen),
        rows=tuple(_within(days, buyers, seen) for days in WITHIN),
        returned=len(waits),
        median_days=float(np.median(waits)) / DAY if len(waits) else None,
    )


@dataclass(frozen=True, slots=True)
class Firsts:
    """Buyers who first bought in the period, one element each: when, and where they ``came_back`` when next
    on a later day."""

    shop: Whole
    first_at: Whole
    second_at: Whole
    came_back: Flags


def first_and_second(bought: Purchases, scope: Scope) -> Firsts:
    """The first purchases that lie in the period, and the next of the same buyers."""
    first, days = bought.first_orders(), bought.first_of_days()
    place = np.searchsorted(days, first)
    following = np.append(place[1:], len(days))
    second = days[np.minimum(place + 1, max(len(days) - 1, 0))]
    chosen = in_period(bought.at[first], scope)
    return Firsts(
        shop=bought.shop[first][chosen],
        first_at=bought.at[first][chosen],
        second_at=bought.at[second][chosen],
        came_back=(following - place > 1)[chosen],
    )


def _within(days: int, buyers: Firsts, seen: Whole) -> Within:
    old = seen >= days * DAY
    back = buyers.came_back & (buyers.second_at - buyers.first_at <= days * DAY)
    observed = int(old.sum())
    return Within(days, int((old & back).sum()), observed, len(seen) - observed)
