"""What a promotion may need of each article, and what the stock lacks.

Drawn from ordinary days (no promotion; ``daily_demand.Futures``): those until the event begins as they are,
those of the event times the uplift, which itself is drawn where a past event gave it (``promotion_uplift``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from shopdata.analysis.daily_demand import DAY, FEWEST_DAYS, daily_units, known_days, last_whole_day
from shopdata.analysis.inventory import (
    LONGEST,
    Inventory,
    StockRow,
    Terms,
    futures_of,
    inventory,
    served,
    sum_of,
)
from shopdata.analysis.promotion_calendar import Event, calendar
from shopdata.analysis.promotion_uplift import PastEvent, past_events
from shopdata.analysis.resampling import SEED, Numbers
from shopdata.metrics.cache import remembered
from shopdata.metrics.context import frame_of
from shopdata.metrics.frame import Frame, Reads
from shopdata.metrics.intervals import Z95
from shopdata.scope import Scope

ORDINARY_BACK = 180


@dataclass(frozen=True, slots=True)
class Scenario:
    """What is prepared for: first and last day, and the uplift: ``uplift`` as set by hand, else that of the
    past event ``event`` (``None``: ordinary days)."""

    start: date
    end: date
    uplift: float | None = None
    event: Event | None = None


@dataclass(frozen=True, slots=True)
class Need:
    """What an article needs until the event is over: the middle and what serves 95 % of futures, of it in the
    event's days; ``shortage``: what stock and goods on their way lack of the latter. ``uplift`` is the one
    used, ``by`` says whose: ``hand``, ``product``, ``shop`` (all products together) or ``none``."""

    row: StockRow
    uplift: float
    by: str
    until_p50: int
    until_p95: int
    event_p50: int
    shortage: int
    ordinary_days: int


@dataclass(frozen=True, slots=True)
class Prepared:
    """Needs, largest shortage first; ``short_of_days``: articles without 28 ordinary days of sales."""

    scenario: Scenario
    needs: tuple[Need, ...]
    short_of_days: int


def prepare(store: Reads, scope: Scope, scenario: Scenario, terms: Terms | None = None) -> Prepared:
    """What each matched article needs until the event's last day. Days before its start that have passed are
    not asked for; an event that is over needs nothing."""
    asked = Scope(shops=scope.shops, platforms=scope.platforms)
    question = ("prepare", asked, scenario, terms)
    return remembered(store, question, lambda: _prepare(store, asked, scenario, terms))


def _prepare(store: Reads, scope: Scope, scenario: Scenario, terms: Terms | None) -> Prepared:
    found: Inventory = inventory(store, scope, terms)
    frame = frame_of(store, scope)
    events = calendar(store)
    days = {shop.id: _ordinary(frame, shop.id, events) for shop in frame.shops if shop.id in found.counted_at}
    with store.read() as connection:
        units = daily_units(connection, frame, days)
    past = next((one for one in past_events(store, scope) if one.promotion == scenario.event), None)
    needs = []
    for row in found.rows:
        mine = sum_of(row.item, units, len(days[row.item.shop]))[-found.terms.history :]
        if len(mine) >= FEWEST_DAYS and row.item.shop in found.ends:
            needs.append(_need(row, mine, found.ends[row.item.shop], scenario, past))
    needs.sort(key=lambda need: (-need.shortage, -need.until_p95, need.row.item.code))
    return Prepared(scenario, tuple(needs), len(found.rows) - len(needs))


def _ordinary(frame: Frame, shop_id: int, events: Sequence[Event]) -> tuple[date, ...]:
    """The shop's known days of the last half year on which no promotion ran."""
    shop = next(one for one in frame.shops if one.id == shop_id)
    end = last_whole_day(shop)
    if end is None:
        return ()
    every = known_days(shop, end - ORDINARY_BACK * DAY, end)
    return tuple(day for day in every if not any(one.meets(day, day) for one in events))


def _need(row: StockRow, mine: Numbers, ends: date, scenario: Scenario, past: PastEvent | None) -> Need:
    start = max((scenario.start - ends).days - 1, 0)
    until = min(max((scenario.end - ends).days, start), LONGEST)
    futures = futures_of(len(mine))
    before = futures.total(mine, min(start, until))
    factor, drawn, by = _factor(row, scenario, past, len(before))
    event = np.ceil(np.maximum(futures.total(mine, until) - before, 0) * drawn)
    asked = before + event
    most = served(asked)
    return Need(
        row=row,
        uplift=factor,
        by=by,
        until_p50=served(asked, 0.5),
        until_p95=most,
        event_p50=served(event, 0.5),
        shortage=max(0, most - row.stock - row.item.coming),
        ordinary_days=len(mine),
    )


def _factor(
    row: StockRow, scenario: Scenario, past: PastEvent | None, futures: int
) -> tuple[float, Numbers, str]:
    """The uplift of an article, one a future, and whose it is: a product's own only with its interval."""
    if scenario.uplift is not None:
        return scenario.uplift, np.full(futures, scenario.uplift), "hand"
    product = next((one.product for one in row.item.articles if one.product), None)
    own = past.products.get(product) if past and product else None
    by = "product" if own and own.low is not None else "shop"
    used = own if by == "product" else (past.whole if past else None)
    if used is None or used.value is None:
        return 1.0, np.ones(futures), "none"
    if used.low is None or used.high is None:
        return used.value, np.full(futures, used.value), by
    error = np.log(used.high / used.low) / (2 * Z95)
    return used.value, used.value * np.exp(np.random.default_rng(SEED).normal(0, error, futures)), by
