"""One metric over time: values, sample sizes, intervals, and which points are not whole."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Literal

from shopdata.metrics.catalogue import CATALOGUE
from shopdata.metrics.context import frame_of
from shopdata.metrics.definition import Duration, Metric, Ratio
from shopdata.metrics.frame import Frame, Reads
from shopdata.metrics.table import MetricRow, metric_table
from shopdata.metrics.values import Value
from shopdata.scope import Scope
from shopdata.words import Words

By = Literal["day", "week", "month", "hour", "weekday"]
WHOLE_FROM, WHOLE_TO = time(0, 30), time(23, 58)


@dataclass(frozen=True, slots=True)
class Point:
    """One point of a series. ``up_to`` is set where the data ends within it."""

    key: str
    value: Value
    n: Value
    partial: bool
    low: Value = None
    high: Value = None
    up_to: datetime | None = None


@dataclass(frozen=True, slots=True)
class Series:
    """A metric over time, in order of time; ``value`` is ``None`` where no file covers a point."""

    metric: str
    by: str
    scope: Scope
    data_up_to: datetime | None
    currency: str | None
    points: tuple[Point, ...]
    total: Value
    missing: str | None

    def as_json(self, language: Words | None = None) -> dict[str, Any]:
        """The document of ``series --json``."""
        return {
            "metric": self.metric,
            "from": self.scope.start and self.scope.start.isoformat(),
            "to": self.scope.end and self.scope.end.isoformat(),
            "basis": self.scope.basis,
            "by": self.by,
            "data_up_to": self.data_up_to and self.data_up_to.isoformat(),
            "currency": self.currency,
            "rows": [
                {
                    "key": point.key,
                    "value": point.value,
                    "n": point.n,
                    "partial": point.partial,
                    "low": point.low,
                    "high": point.high,
                    "up_to": point.up_to and point.up_to.isoformat(),
                }
                for point in self.points
            ],
            "total": self.total,
            "missing": self.missing,
        }


def metric_series(store: Reads, scope: Scope, key: str, by: str = "day") -> Series:
    """``key`` by ``day``, ``week``, ``month``, ``hour`` or ``weekday``; ``BadUsage`` for other names."""
    table = metric_table(store, scope, by=by, keys=(key,))
    frame, metric = frame_of(store, scope), CATALOGUE[key]
    return Series(
        metric=key,
        by=by,
        scope=scope,
        data_up_to=table.data_up_to,
        currency=table.currency,
        points=tuple(_point(row, key, metric, by, frame, scope) for row in table.rows),
        total=table.total[key],
        missing=table.missing.get(key),
    )


def _point(row: MetricRow, key: str, metric: Metric, by: str, frame: Frame, scope: Scope) -> Point:
    values = row.values
    days = span_of(row.key, by)
    ends = data_ends(frame)
    if isinstance(metric, Ratio):
        size = values[f"{key}_d"]
    else:
        size = values.get(f"{metric.key}_n") if isinstance(metric, Duration) else None
    return Point(
        key=row.key,
        value=values[key],
        n=size,
        partial=days is not None and is_partial(*days, frame, scope),
        low=values.get(f"{key}_low"),
        high=values.get(f"{key}_high"),
        up_to=ends if days and ends and days[0] <= ends.date() <= days[1] else None,
    )


def data_ends(frame: Frame) -> datetime | None:
    """The latest event of any order file: where the last day stops."""
    return max((shop.as_of["orders"] for shop in frame.shops if "orders" in shop.as_of), default=None)


def is_partial(first: date, last: date, frame: Frame, scope: Scope) -> bool:
    """Whether days from ``first`` to ``last`` are cut by the period, or not proved whole by the data.

    The first covered day counts as whole where it has an order before 00:30, the last one where the data
    reaches 23:58 of it.
    """
    covered, ends = frame.covered_days, data_ends(frame)
    if covered is None or ends is None:
        return False
    if (scope.start and first < scope.start) or (scope.end and last > scope.end):
        return True
    begins = min((moment for shop in frame.shops for moment in shop.begins), default=None)
    late_start = begins is not None and first <= begins.date() <= last and begins.time() > WHOLE_FROM
    early_end = first <= ends.date() <= last and (ends.date() < last or ends.time() < WHOLE_TO)
    return late_start or early_end or first < covered[0] <= last


def span_of(key: str, by: str) -> tuple[date, date] | None:
    """First and last day of a point of a series of days, weeks or months; ``None`` for any other."""
    if key == "unknown" or by not in ("day", "week", "month"):
        return None
    if by == "month":
        first = date.fromisoformat(f"{key}-01")
        return first, (first.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    first = date.fromisoformat(key)
    return first, first + timedelta(days=6 if by == "week" else 0)
