"""Buyers by the month of their first purchase, and which share of them bought again in each later month.

A triangle: a month that is not over in the data is blank, never a low rate. The month a shop's files begin in
also holds buyers of long standing, whose earlier purchases no file tells: it is marked.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np

from shopdata.analysis.buyers import ShopBuyers, keyed_shops, paid_scope, shop_buyers
from shopdata.analysis.purchases import DAY, Purchases, in_period, purchases
from shopdata.metrics.cache import remembered
from shopdata.metrics.context import frame_of
from shopdata.metrics.frame import Reads
from shopdata.metrics.intervals import wilson
from shopdata.metrics.series import WHOLE_TO
from shopdata.scope import Scope
from shopdata.words import Words, words

MOST_MONTHS = 24
LOW = 0xFFFF


@dataclass(frozen=True, slots=True)
class Cell:
    """``n`` of the ``d`` buyers observed through the whole month bought in it; ``d`` = 0: nothing known."""

    n: int
    d: int

    @property
    def rate(self) -> float | None:
        """The share that bought again."""
        return self.n / self.d if self.d else None


@dataclass(frozen=True, slots=True)
class Cohort:
    """Buyers whose first purchase in the data was in ``month``. ``later[k]``: the k-th month after it.

    ``from_before``: the data of a shop begins in this month, so its buyers may have bought before.
    """

    month: date
    buyers: int
    from_before: bool
    later: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Cohorts:
    """The triangle, oldest cohort first, and for each number of months later all known cohorts together
    (those from before the data began left out)."""

    scope: Scope
    data_up_to: datetime | None
    currency: str | None
    shops: tuple[ShopBuyers, ...]
    rows: tuple[Cohort, ...]
    total: tuple[Cell, ...]

    def as_json(self, language: Words | None = None) -> dict[str, Any]:
        """The document of ``customers --view cohort``."""
        spoken = language or words()
        notes = [shop.sentence(spoken) for shop in self.shops]
        if any(row.from_before for row in self.rows):
            notes.append(spoken("analysis.buyers.from_before_note"))
        return {
            "view": "cohort",
            "data_up_to": self.data_up_to and self.data_up_to.isoformat(),
            "currency": self.currency,
            "rows": [
                {
                    "key": f"{row.month:%Y-%m}",
                    "label": label_of(row, spoken),
                    "buyers": row.buyers,
                    "from_before": row.from_before,
                }
                | _cells(row.later)
                for row in self.rows
            ],
            "total": {"buyers": sum(row.buyers for row in self.rows)} | _cells(self.total),
            "notes": notes,
        }


def label_of(row: Cohort, spoken: Words) -> str:
    """A cohort's name; marked where it holds buyers from before the data began."""
    mark = spoken("analysis.buyers.from_before") if row.from_before else ""
    return f"{row.month:%Y-%m}{mark}"


def _cells(cells: tuple[Cell, ...]) -> dict[str, Any]:
    """Flat columns ``month_1`` … as a terminal shows them, and the same with n, d and interval."""
    flat = {f"month_{place}": cell.rate for place, cell in enumerate(cells, 1)}
    return flat | {
        "months": [
            {"month": place, "n": cell.n if cell.d else None, "d": cell.d or None, "rate": cell.rate}
            | dict(zip(("low", "high"), wilson(cell.n, cell.d) or (None, None), strict=True))
            for place, cell in enumerate(cells, 1)
        ]
    }


def cohorts(store: Reads, scope: Scope) -> Cohorts:
    """The cohorts whose first purchase in the data lies in the period."""
    asked = paid_scope(scope)
    return remembered(store, ("cohorts", asked), lambda: _read(store, asked))


def _read(store: Reads, scope: Scope) -> Cohorts:
    frame, shops = frame_of(store, scope), keyed_shops(store, scope)
    rows = _triangle(_counts(purchases(store, scope), scope), {shop.shop_id: shop for shop in shops})
    known = [row for row in rows if not row.from_before]
    width = max((len(row.later) for row in rows), default=0)
    return Cohorts(
        scope=scope,
        data_up_to=frame.data_up_to,
        currency=frame.currency,
        shops=shop_buyers(store, scope),
        rows=rows,
        total=tuple(
            _sum([row.later[place] for row in known if place < len(row.later)]) for place in range(width)
        ),
    )


Counts = Mapping[tuple[int, int, int], int]


def _counts(bought: Purchases, scope: Scope) -> Counts:
    """Buyers by shop, month of the first purchase (counted from year 0) and months after it."""
    first, days = bought.first_orders(), bought.first_of_days()
    buyer = np.searchsorted(first, days, side="right") - 1
    day = bought.at[days] // DAY
    month = day.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) + 1970 * 12
    cohort = month[np.searchsorted(days, first)][buyer]
    chosen = in_period(bought.at[first], scope)[buyer]
    chosen[1:] &= (buyer[1:] != buyer[:-1]) | (month[1:] != month[:-1])
    marks = (bought.shop[days] << 32 | cohort << 16 | (month - cohort))[chosen]
    found = zip(*np.unique(marks, return_counts=True), strict=True)
    return {(int(mark) >> 32, int(mark) >> 16 & LOW, int(mark) & LOW): int(n) for mark, n in found}


def _triangle(counts: Counts, shops: Mapping[int, ShopBuyers]) -> tuple[Cohort, ...]:
    sizes: dict[int, dict[int, int]] = defaultdict(dict)
    for (shop, month, later), number in counts.items():
        if later == 0:
            sizes[month][shop] = number
    last = {shop: _last_whole(one.as_of) for shop, one in shops.items() if one.as_of is not None}
    rows = []
    for month in sorted(sizes)[-MOST_MONTHS:]:
        of_shop = sizes[month]
        width = max(max(last.get(shop, month) for shop in of_shop) - month, 0)
        cells = []
        for later in range(1, width + 1):
            seen = [shop for shop in of_shop if month + later <= last.get(shop, month)]
            hits = sum(counts.get((shop, month, later), 0) for shop in seen)
            cells.append(Cell(hits, sum(of_shop[shop] for shop in seen)))
        begun = any(_begins_in(shops[shop], month) for shop in of_shop)
        rows.append(Cohort(_first_day(month), sum(of_shop.values()), begun, tuple(cells)))
    return tuple(rows)


def _sum(cells: list[Cell]) -> Cell:
    return Cell(sum(cell.n for cell in cells), sum(cell.d for cell in cells))


def _number(day: date) -> int:
    return day.year * 12 + day.month - 1


def _first_day(month: int) -> date:
    return date(month // 12, month % 12 + 1, 1)


def _last_whole(as_of: datetime) -> int:
    """The last month whose every day the data shows: the last day counts once it reaches 23:58."""
    over = as_of.date() + timedelta(days=1 if as_of.time() >= WHOLE_TO else 0)
    return _number(over) - 1


def _begins_in(shop: ShopBuyers, month: int) -> bool:
    return shop.data_from is not None and _number(shop.data_from) >= month
