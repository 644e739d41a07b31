"""Units of single products over the coming days: the same test and the same honesty as for the whole shop."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from shopdata.analysis.final_days import final_until, is_whole
from shopdata.analysis.forecast import Forecast, forecast_of
from shopdata.analysis.promotion_calendar import calendar
from shopdata.metrics.cache import remembered
from shopdata.metrics.calendar import days_of, each_day
from shopdata.metrics.context import frame_of
from shopdata.metrics.frame import Frame, Reads
from shopdata.metrics.table import metric_table
from shopdata.scope import Scope

KEY = "units_paid"
MOST_PRODUCTS = 200
# Days learned from and origins tested, fewer than for the whole shop: two hundred products in ten seconds.
LONGEST = timedelta(days=180)
PRODUCT_ORIGINS = 12
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class ProductForecast:
    """The forecast of one product's units. ``sold`` are the units of the days learned from."""

    product: str
    label: str
    sold: int
    forecast: Forecast


def forecast_products(
    store: Reads,
    scope: Scope,
    count: int = 14,
    *,
    most: int = MOST_PRODUCTS,
    progress: Progress | None = None,
) -> tuple[ProductForecast, ...]:
    """Units of the best-selling products (at most 200) on each of the ``count`` days after the data.

    By pay time; ``scope.end`` ends what is learned from, its start does not matter. A product without orders
    on a covered day sold 0 units that day; its history begins with its first sale. ``progress(done, all)`` is
    called after each product.
    """
    asked = replace(scope, basis="paid", start=None)
    question = ("forecast_products", asked, count, min(most, MOST_PRODUCTS))
    return remembered(store, question, lambda: _read(store, asked, count, min(most, MOST_PRODUCTS), progress))


def _read(
    store: Reads, scope: Scope, count: int, most: int, progress: Progress | None
) -> tuple[ProductForecast, ...]:
    frame = frame_of(store, scope)
    days, known = _days(store, frame, scope)
    if not days:
        return ()
    table = metric_table(store, scope.between(days[0], days[-1]), by="product,day", keys=(KEY,))
    units: dict[str, dict[str, int]] = {}
    for row in table.rows:
        product, day = row.keys
        if product != "unknown":
            units.setdefault(product, {})[day] = int(row[KEY] or 0)
    spans, events = [(day, day) for day in days], calendar(store)
    best = sorted(units, key=lambda product: (-sum(units[product].values()), product))[:most]
    found = []
    for done, product in enumerate(best, start=1):
        sold = units[product]
        values = [
            float(sold.get(day.isoformat(), 0)) if whole else None
            for day, whole in zip(days, known, strict=True)
        ]
        one = forecast_of(KEY, "day", values, spans, count, events, PRODUCT_ORIGINS)
        found.append(ProductForecast(product, table.names[0].get(product, product), sum(sold.values()), one))
        if progress is not None:
            progress(done, len(best))
    return tuple(found)


def _days(store: Reads, frame: Frame, scope: Scope) -> tuple[list[date], list[bool]]:
    """The days up to the last covered one, and which of them are whole."""
    period, covered = days_of(frame, scope), frame.covered_days
    final = final_until(store, frame, KEY, "paid")
    if period is None or covered is None or final is None:
        return [], []
    last = min(period[1], covered[1])
    first = max(period[0], last - LONGEST)
    days = list(each_day(first, last)) if first <= last else []
    return days, [day <= final and is_whole(day, frame) for day in days]
