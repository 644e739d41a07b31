"""What the shop sold beside a public index, both set to 100 on the same day.

The base is the first day of the period on which both are above zero; a day the data does not prove whole is
left out of the own series. The index' own unit does not matter; who published it stands in its rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, select

from shopdata.metrics.cache import remembered
from shopdata.metrics.constructs import day_of
from shopdata.metrics.context import frame_of
from shopdata.metrics.frame import Reads
from shopdata.metrics.series import metric_series
from shopdata.metrics.told_days import of_one_day
from shopdata.scope import Scope
from shopdata.store.own_entities import BENCHMARK

OWN_METRIC = "paid_amount"


@dataclass(frozen=True, slots=True)
class Indexed:
    """One public index beside the own series: ``days`` from the base on, both 100 on the first."""

    industry: str | None
    metric: str | None
    days: tuple[date, ...]
    public: tuple[float | None, ...]
    own: tuple[float | None, ...]

    @property
    def base(self) -> date:
        """The day both are 100."""
        return self.days[0]

    @property
    def last(self) -> tuple[float | None, float | None]:
        """Own and public index on the last day that has both."""
        both = [pair for pair in zip(self.own, self.public, strict=True) if None not in pair]
        return both[-1] if both else (None, None)


def benchmark_index(store: Reads, scope: Scope) -> tuple[Indexed, ...]:
    """Every index uploaded with days of the period, beside the own paid money by day, the longest first.

    Nothing where the shops have different currencies, or no day has both.
    """
    return remembered(store, ("benchmark", scope), lambda: _read(store, scope))


def _read(store: Reads, scope: Scope) -> tuple[Indexed, ...]:
    frame = frame_of(store, scope)
    if frame.currency is None:
        return ()
    points = metric_series(store, scope, OWN_METRIC, "day").points
    own = {date.fromisoformat(one.key): one.value for one in points if not one.partial}
    found = [
        indexed
        for (industry, metric), values in _public(store, frame.ids, scope).items()
        if (indexed := _indexed(industry, metric, values, own)) is not None
    ]
    return tuple(sorted(found, key=lambda one: -len(one.days)))


def _public(store: Reads, shops: tuple[int, ...], scope: Scope) -> dict[tuple[Any, Any], dict[date, float]]:
    rows = BENCHMARK.table.c
    statement = (
        select(rows.industry, rows.metric, day_of(rows.day), func.max(rows.value))
        .where(rows.shop_id.in_(shops), of_one_day(rows), rows.value.is_not(None))
        .group_by(rows.industry, rows.metric, day_of(rows.day))
    )
    found: dict[tuple[Any, Any], dict[date, float]] = {}
    with store.read() as connection:
        for industry, metric, day, value in connection.execute(statement):
            if (scope.start is None or day >= scope.start) and (scope.end is None or day <= scope.end):
                found.setdefault((industry, metric), {})[day] = value
    return found


def _indexed(
    industry: str | None, metric: str | None, public: dict[date, float], own: dict[date, Any]
) -> Indexed | None:
    both = sorted(day for day, value in public.items() if value > 0 and (own.get(day) or 0) > 0)
    if len(both) < 2:
        return None
    base = both[0]
    days = tuple(sorted(day for day in {*public, *own} if day >= base))
    return Indexed(
        industry,
        metric,
        days,
        tuple(public[day] / public[base] * 100 if day in public else None for day in days),
        tuple(own[day] / own[base] * 100 if own.get(day) is not None else None for day in days),
    )
