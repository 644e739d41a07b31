"""A metric over time beside its past, over the hours of the week, and the promotions that explain it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from shopdata.analysis.promotion_calendar import Event, calendar
from shopdata.metrics.calendar import covered_keys, days_of
from shopdata.metrics.compare import base_period
from shopdata.metrics.context import frame_of
from shopdata.metrics.frame import Reads
from shopdata.metrics.series import Series, metric_series
from shopdata.metrics.table import metric_table
from shopdata.metrics.values import Value
from shopdata.scope import Scope

HOURS = tuple(f"{hour:02d}" for hour in range(24))
WEEKDAYS = tuple(str(day) for day in range(1, 8))


@dataclass(frozen=True, slots=True)
class Trend:
    """A series, its past under the same points (by the name of the comparison), and what happened then."""

    series: Series
    against: tuple[tuple[str, Series], ...]
    promotions: tuple[Event, ...]


def trend(store: Reads, scope: Scope, key: str, by: str = "day", against: Sequence[str] = ()) -> Trend:
    """``key`` over time with any of the comparisons ``previous``, ``week``, ``year``."""
    period = days_of(frame_of(store, scope), scope)
    asked = scope.between(*period) if period else scope
    past = [(name, base_period(asked, name)) for name in against]
    return Trend(
        series=metric_series(store, scope, key, by),
        against=tuple((name, metric_series(store, base, key, by)) for name, base in past if base),
        promotions=tuple(one for one in calendar(store) if period and one.meets(*period)),
    )


@dataclass(frozen=True, slots=True)
class HeatMap:
    """A metric by weekday (rows, Monday first) and hour (columns). ``days``: covered days of each weekday;
    ``per_day``: the values of counts and totals divided by them, ratios as they are."""

    metric: str
    values: tuple[tuple[Value, ...], ...]
    per_day: tuple[tuple[Value, ...], ...]
    days: tuple[int, ...]


def heat_map(store: Reads, scope: Scope, key: str) -> HeatMap:
    """The hours of the week of one metric."""
    table = metric_table(store, scope, by="weekday,hour", keys=(key,))
    frame = frame_of(store, scope)
    period = days_of(frame, scope)
    covered = [
        day for day, known in covered_keys("day", frame, scope).items() if known and isinstance(day, date)
    ]
    days = tuple(sum(day.isoweekday() == weekday for day in covered) for weekday in range(1, 8))
    found = {row.keys: row[key] for row in table.rows}
    adds_up = table.total.get(f"{key}_n") is None and not key.endswith(("_mean", "_p50", "_p90"))
    empty: Value = 0 if adds_up and period else None
    values = tuple(tuple(found.get((weekday, hour), empty) for hour in HOURS) for weekday in WEEKDAYS)
    per_day = tuple(
        tuple(_share(value, count) if adds_up else value for value in row)
        for row, count in zip(values, days, strict=True)
    )
    return HeatMap(key, values, per_day, days)


def _share(value: Value, days: int) -> Value:
    return None if value is None or not days else value / days
