"""How long the stock lasts, what to order and when, and what does not sell any more.

Demand is the shop's own (``daily_demand``): no forecast stands behind it. For each thing on the shelf:

- ``stock``: pieces counted as free, minus what was sold since the count;
- ``cover_days`` = stock ÷ units a day of the history, its interval from redrawn histories;
- ``stockout_N``: share of futures that ask for more than the stock within N days; goods on their way are not
  counted, for nothing says when they come;
- ``reorder_point``: what 95 % of futures ask for at most during the lead time. Below it (goods on their way
  included) it is time to order;
- ``reorder_quantity``: what has to be ordered now so that stock, goods on their way and the order together
  serve 95 % of futures until an order placed ``every`` days later arrives;
- dead stock: stock above 0 and not one unit in the last ``dead_days`` days, all of which are covered.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from math import ceil

import numpy as np

from shopdata.analysis.daily_demand import (
    DAY,
    FEWEST_DAYS,
    Article,
    Futures,
    Sold,
    daily_units,
    known_days,
    last_whole_day,
    sold,
)
from shopdata.analysis.resampling import Numbers
from shopdata.analysis.stock_join import Item, Joined, counted, counted_at, join
from shopdata.metrics.cache import remembered
from shopdata.metrics.context import frame_of
from shopdata.metrics.frame import Frame, Reads
from shopdata.scope import Scope

SERVICE = 0.95
WITHIN = (7, 14, 30)
LONGEST = 400


@dataclass(frozen=True, slots=True)
class Terms:
    """What the shopkeeper sets. ``history``: days of sales looked at. ``lead``: days from order to shelf, for
    every article; ``None``: as the stock table says, else ``usual_lead``. ``every``: days between orders."""

    history: int = 56
    lead: int | None = None
    every: int = 7
    dead_days: int = 30
    usual_lead: int = 7


@dataclass(frozen=True, slots=True)
class StockRow:
    """One thing on the shelf. ``units`` were sold over ``days`` known days; what needs more than
    ``FEWEST_DAYS`` of them, or any sale at all, is ``None`` without. ``history`` are those days' units."""

    item: Item
    stock: int
    days: int
    units: int
    last_sold: date | None
    owed: int
    lead: int
    cover_days: float | None
    cover_low: float | None
    cover_high: float | None
    stockout: Mapping[int, float]
    stockout_lead: float | None
    reorder_point: int | None
    reorder_quantity: int | None
    is_dead: bool | None
    history: tuple[float, ...]

    @property
    def is_matched(self) -> bool:
        """Whether any sold line carries its code."""
        return bool(self.item.articles)

    @property
    def per_day(self) -> float | None:
        """Units a day over the known days."""
        return self.units / self.days if self.days else None

    @property
    def should_order(self) -> bool:
        """Whether stock and goods on their way are below the reorder point."""
        return self.reorder_point is not None and self.stock + self.item.coming < self.reorder_point

    @property
    def name(self) -> str:
        """What it is called: as the stock table says, else as sold."""
        named = self.item.name or next((one.name for one in self.item.articles if one.name), None)
        spec = self.item.spec or next((one.spec for one in self.item.articles if one.spec), None)
        return " · ".join(part for part in (named or self.item.code, spec) if part)


@dataclass(frozen=True, slots=True)
class Inventory:
    """The stock of the shops that have a stock table; ``without`` are the others (ids).

    ``rows`` are matched things, most urgent first; ``unmatched`` are stock rows no sold line carries the code
    of; ``unmatched_sold`` are articles of these shops that no stock row names, with their units in the
    history. ``ends``: the last whole day of sales of each shop.
    """

    terms: Terms
    rows: tuple[StockRow, ...]
    unmatched: tuple[StockRow, ...]
    unmatched_sold: tuple[tuple[Sold, int], ...]
    counted_at: Mapping[int, datetime]
    ends: Mapping[int, date]
    without: tuple[int, ...]
    data_up_to: datetime | None
    currency: str | None

    @property
    def has_stock(self) -> bool:
        """Whether any shop has a stock table."""
        return bool(self.counted_at)


def inventory(store: Reads, scope: Scope, terms: Terms | None = None) -> Inventory:
    """The stock of the shops of ``scope``; its days, basis and sources are not asked."""
    asked, own = Scope(shops=scope.shops, platforms=scope.platforms), terms or Terms()
    return remembered(store, ("inventory", asked, own), lambda: _read(store, asked, own))


def _read(store: Reads, scope: Scope, terms: Terms) -> Inventory:
    frame = frame_of(store, scope)
    with store.read() as connection:
        items = counted(connection, frame.ids)
        told = counted_at(items)
        days = history_days(frame, told, max(terms.history, terms.dead_days))
        joined = join(items, sold(connection, frame, told) if items else ())
        units = daily_units(connection, frame, days)
    rows = [_row(item, days.get(item.shop, ()), units, frame, terms) for item in joined.items]
    ends = {shop.id: last_whole_day(shop) for shop in frame.shops}
    return Inventory(
        terms=terms,
        rows=tuple(sorted((row for row in rows if row.is_matched), key=_urgency)),
        unmatched=tuple(row for row in rows if not row.is_matched),
        unmatched_sold=_left(joined, units, terms),
        counted_at=told,
        ends={shop: end for shop, end in ends.items() if end},
        without=tuple(shop for shop in frame.ids if shop not in told),
        data_up_to=frame.data_up_to,
        currency=frame.currency,
    )


def history_days(frame: Frame, shops: Mapping[int, datetime], length: int) -> dict[int, tuple[date, ...]]:
    """The known days among the last ``length`` ones of each shop that has stock."""
    found = {}
    for shop in frame.shops:
        end = last_whole_day(shop)
        if shop.id in shops and end is not None:
            found[shop.id] = known_days(shop, end - (length - 1) * DAY, end)
    return found


def _left(joined: Joined, units: Mapping[Article, Numbers], terms: Terms) -> tuple[tuple[Sold, int], ...]:
    """Sold articles no stock row names, the most sold first; what did not sell in the history is left out."""
    found = [
        (one, int(units[one.article][-terms.history :].sum()))
        for one in joined.unmatched_sold
        if one.article in units
    ]
    return tuple(sorted((pair for pair in found if pair[1]), key=lambda pair: -pair[1]))


@cache
def futures_of(days: int) -> Futures:
    """The same futures for every article with that many days of history."""
    return Futures.over(days, LONGEST)


def _row(
    item: Item, days: Sequence[date], units: Mapping[Article, Numbers], frame: Frame, terms: Terms
) -> StockRow:
    every = sum_of(item, units, len(days))
    end = days[-1] if days else None
    inside = [place for place, day in enumerate(days) if end and day > end - terms.history * DAY]
    mine = every[inside]
    stock = item.free - sum(one.since for one in item.articles)
    lead = terms.lead if terms.lead is not None else ceil(item.lead_days or terms.usual_lead)
    enough = len(mine) >= FEWEST_DAYS and item.articles and mine.sum() > 0
    futures = futures_of(len(mine)) if enough else None
    lasts = _cover(futures, mine, stock) if futures else (None, None, None)
    until = min(lead + terms.every, LONGEST)
    asked = futures.total(mine, until) if futures else None
    at_lead = futures.total(mine, min(lead, LONGEST)) if futures else None
    return StockRow(
        item=item,
        stock=stock,
        days=len(mine),
        units=int(mine.sum()),
        last_sold=max((one.last_day for one in item.articles if one.last_day), default=None),
        owed=sum(one.owed for one in item.articles),
        lead=lead,
        cover_days=lasts[0],
        cover_low=lasts[1],
        cover_high=lasts[2],
        stockout={day: _beyond(futures.total(mine, day), stock) for day in WITHIN} if futures else {},
        stockout_lead=None if at_lead is None else _beyond(at_lead, stock),
        reorder_point=None if at_lead is None else served(at_lead),
        reorder_quantity=None if asked is None else max(0, served(asked) - stock - item.coming),
        is_dead=_is_dead(item, stock, every, days, terms),
        history=tuple(float(one) for one in mine),
    )


def sum_of(item: Item, units: Mapping[Article, Numbers], days: int) -> Numbers:
    """Units a day of all articles sold from an item."""
    total = np.zeros(days)
    for one in item.articles:
        total = total + units.get(one.article, 0.0)
    return total


def served(asked: Numbers, service: float = SERVICE) -> int:
    """The least stock that serves that share of futures."""
    return int(np.quantile(asked, service, method="inverted_cdf"))


def stockout_curve(row: StockRow, days: int) -> tuple[float, ...]:
    """Chance that the stock does not last to the end of day 1, 2 … ``days``; empty without enough history."""
    if not row.stockout:
        return ()
    futures, mine = futures_of(len(row.history)), np.asarray(row.history)
    chances = [_beyond(futures.total(mine, day), row.stock) for day in range(1, days + 1)]
    return tuple(float(one) for one in np.maximum.accumulate(chances))


def _beyond(asked: Numbers, stock: int) -> float:
    return float((asked > stock).mean())


def _cover(futures: Futures, mine: Numbers, stock: int) -> tuple[float | None, float | None, float | None]:
    """Days the stock lasts, and the bounds of its interval; without an upper one where sales may be 0."""
    slow, fast = np.quantile(futures.rates(mine), [0.025, 0.975])
    left = max(stock, 0)
    return left / float(mine.mean()), left / float(fast), left / float(slow) if slow > 0 else None


def _is_dead(item: Item, stock: int, every: Numbers, days: Sequence[date], terms: Terms) -> bool | None:
    """``None`` where the last ``dead_days`` days are not all known."""
    recent = [place for place, day in enumerate(days) if day > days[-1] - terms.dead_days * DAY]
    if not item.articles or len(recent) < terms.dead_days:
        return None
    return bool(stock > 0 and every[recent].sum() == 0)


def _urgency(row: StockRow) -> tuple[bool, float, float, str]:
    risk = row.stockout_lead if row.stockout_lead is not None else -1.0
    return not row.should_order, -risk, row.cover_days if row.cover_days is not None else 1e9, row.item.code
