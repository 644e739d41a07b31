"""How much more was sold in past promotions of the calendar than the days before let expect.

Uplift = units in an event's days ÷ what the same weekdays sold in the ``BASE_DAYS`` days before it (days of
other promotions left out). Its interval is that of a ratio of two counts whose spread is what the days
themselves show: log-normal with variance φ·(1/units + Σ k²·m/n ÷ expected²), where a weekday sold m a day on
n base days and occurs k times in the event, and φ ≥ 1 is the Pearson dispersion of the base days around their
weekdays (quasi-Poisson; McCullagh and Nelder 1989, ch. 6). Below 30 units on either side there is none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import exp, sqrt

import numpy as np

from shopdata.analysis.daily_demand import DAY, Article, daily_units, known_days, sold
from shopdata.analysis.promotion_calendar import Event, calendar
from shopdata.analysis.resampling import Numbers
from shopdata.metrics.cache import remembered
from shopdata.metrics.context import frame_of
from shopdata.metrics.frame import Reads
from shopdata.metrics.intervals import Z95
from shopdata.scope import Scope

BASE_DAYS, EVENTS_BACK = 28, 400
ENOUGH = 30


@dataclass(frozen=True, slots=True)
class Uplift:
    """Units in an event's days (``n``) against what the days before let expect. ``days``: event days that are
    known and have such weekdays before; ``base_days``: those looked at. No interval below 30 units."""

    value: float | None
    low: float | None
    high: float | None
    n: int
    expected: float
    days: int
    base_days: int

    @property
    def is_clear(self) -> bool:
        """Whether the interval leaves out 1: a change that is one."""
        return self.low is not None and self.high is not None and not self.low <= 1 <= self.high


@dataclass(frozen=True, slots=True)
class PastEvent:
    """A promotion the data has seen: the uplift of everything sold and of each product id."""

    promotion: Event
    whole: Uplift
    products: Mapping[str, Uplift]


def past_events(store: Reads, scope: Scope) -> tuple[PastEvent, ...]:
    """Every promotion of the calendar that can be compared with days before it, the newest first."""
    asked = Scope(shops=scope.shops, platforms=scope.platforms)
    return remembered(store, ("past events", asked), lambda: _read_events(store, asked))


def _read_events(store: Reads, scope: Scope) -> tuple[PastEvent, ...]:
    frame = frame_of(store, scope)
    covered = frame.covered_days
    if covered is None:
        return ()
    begin = max(covered[0], covered[1] - EVENTS_BACK * DAY)
    events = calendar(store)
    seen = [one for one in events if one.meets(begin, covered[1])]
    first = min((one.start for one in seen), default=covered[0]) - BASE_DAYS * DAY
    days = {shop.id: known_days(shop, first, covered[1]) for shop in frame.shops}
    with store.read() as connection:
        units = daily_units(connection, frame, days)
        product_of = {one.article: one.product for one in sold(connection, frame, {})}
    found = [_event(one, events, days, units, product_of) for one in seen]
    return tuple(one for one in reversed(found) if one.whole.value is not None)


def _event(
    promotion: Event,
    events: Sequence[Event],
    days: Mapping[int, Sequence[date]],
    units: Mapping[Article, Numbers],
    product_of: Mapping[Article, str | None],
) -> PastEvent:
    by_product: dict[str, Numbers] = {}
    whole: dict[int, Numbers] = {shop: np.zeros(len(mine)) for shop, mine in days.items()}
    shop_of: dict[str, int] = {}
    for article, mine in units.items():
        whole[article.shop] = whole[article.shop] + mine
        if product := product_of.get(article):
            by_product[product] = by_product.get(product, 0.0) + mine
            shop_of[product] = article.shop
    every = [_count(days[shop], whole[shop], promotion, events) for shop in days]
    products = {key: uplift(days[shop_of[key]], mine, promotion, events) for key, mine in by_product.items()}
    known = {key: one for key, one in sorted(products.items()) if one.value is not None}
    return PastEvent(promotion, _joined_counts(every), known)


@dataclass(frozen=True, slots=True)
class _Count:
    """Units of an event's days, what was expected of them, and the variance of that (both before φ)."""

    n: float
    expected: float
    variance: float
    days: int
    base_days: int
    squares: float
    freedom: int


def uplift(days: Sequence[date], units: Numbers, promotion: Event, events: Sequence[Event]) -> Uplift:
    """The uplift of one series of daily units in an event; ``events``: the calendar it is one of."""
    return _joined_counts([_count(days, units, promotion, events)])


def _count(days: Sequence[date], units: Numbers, promotion: Event, events: Sequence[Event]) -> _Count:
    others = [one for one in events if one != promotion]
    base: dict[int, list[float]] = {}
    event: dict[int, list[float]] = {}
    for day, sold_units in zip(days, units, strict=True):
        if promotion.meets(day, day):
            event.setdefault(day.weekday(), []).append(float(sold_units))
        elif promotion.start - BASE_DAYS * DAY <= day < promotion.start and not any(
            one.meets(day, day) for one in others
        ):
            base.setdefault(day.weekday(), []).append(float(sold_units))
    shared = [weekday for weekday in event if weekday in base]
    means = {weekday: sum(base[weekday]) / len(base[weekday]) for weekday in base}
    squares = sum(
        (one - means[weekday]) ** 2 / means[weekday]
        for weekday, mine in base.items()
        for one in mine
        if means[weekday]
    )
    return _Count(
        n=sum(sum(event[weekday]) for weekday in shared),
        expected=sum(len(event[weekday]) * means[weekday] for weekday in shared),
        variance=sum(len(event[day]) ** 2 * means[day] / len(base[day]) for day in shared),
        days=sum(len(event[weekday]) for weekday in shared),
        base_days=sum(len(mine) for mine in base.values()),
        squares=squares,
        freedom=sum(len(mine) - 1 for weekday, mine in base.items() if means[weekday]),
    )


def _joined_counts(counts: Sequence[_Count]) -> Uplift:
    """One uplift of several series: sum ÷ sum, their spread pooled."""
    n, expected = sum(one.n for one in counts), sum(one.expected for one in counts)
    days, base = max(one.days for one in counts), max(one.base_days for one in counts)
    if not expected:
        return Uplift(None, None, None, int(n), 0.0, days, base)
    value, freedom = n / expected, sum(one.freedom for one in counts)
    if min(n, expected) < ENOUGH or not freedom:
        return Uplift(value, None, None, int(n), expected, days, base)
    spread = max(1.0, sum(one.squares for one in counts) / freedom)
    error = sqrt(spread * (1 / n + sum(one.variance for one in counts) / expected**2))
    reach = exp(Z95 * error)
    return Uplift(value, value / reach, value * reach, int(n), expected, days, base)
