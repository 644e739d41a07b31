"""One period against another, at the same clock time, without calling noise a change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from math import ceil, sqrt
from typing import Literal

from shopdata.errors import BadUsage
from shopdata.metrics.cache import remembered
from shopdata.metrics.catalogue import CATALOGUE, chosen
from shopdata.metrics.context import frame_of, horizons_of
from shopdata.metrics.definition import Count, Difference, Duration, Metric, Ratio, Total
from shopdata.metrics.frame import Frame, Reads
from shopdata.metrics.intervals import Z95, newcombe
from shopdata.metrics.query import Question, Sums, read_sums
from shopdata.metrics.series import WHOLE_TO, data_ends
from shopdata.metrics.table import steps_of
from shopdata.metrics.values import SECONDS_PER_HOUR, Judge, Value
from shopdata.scope import Scope

Against = Literal["previous", "week", "year"]
WEEK, YEAR = 7, 364
ENOUGH = 30
MEDIAN_SPREAD = 1.2533  # standard error of a median against that of a mean, for bell-shaped times


@dataclass(frozen=True, slots=True)
class Change:
    """A metric against its base period.

    ``difference`` is value − base in the metric's unit (ratios: 0–1, so 0.01 is one point); ``relative`` is
    the difference as a share of the base; ``low`` and ``high`` bound the difference at 95 %. ``is_new``:
    the base is 0. ``is_clear``: the interval leaves 0 out. Ratios with a maturity compare matured orders.
    ``clock`` is set where both last days were cut at the same time of day.
    """

    key: str
    value: Value
    base: Value
    difference: float | None
    relative: float | None
    low: float | None
    high: float | None
    is_new: bool
    is_clear: bool
    base_start: date
    base_end: date
    clock: time | None


def base_period(scope: Scope, against: str) -> Scope | None:
    """The period compared with: just before, same weekdays in the weeks before, or a year before."""
    days = scope.days
    if days is None:
        return None
    shifts = {"previous": days, "week": WEEK * ceil(days / WEEK), "year": YEAR}
    if against not in shifts:
        raise BadUsage(detail=against)
    return scope.moved(-shifts[against])


def compare(
    store: Reads, scope: Scope, keys: Sequence[str], against: str = "previous"
) -> Mapping[str, Change]:
    """Each metric of ``keys`` against its base period; empty where the period has no bounds."""
    base = base_period(scope, against)
    if base is None:
        return {}
    asked = tuple(keys)
    return remembered(store, ("compare", scope, asked, against), lambda: _compare(store, scope, base, asked))


def latest_day(store: Reads, scope: Scope) -> Scope | None:
    """The scope of the last day the order files reach: compared with ``previous`` it is today against
    yesterday at the same clock time."""
    ends = data_ends(frame_of(store, scope))
    return None if ends is None else scope.between(ends.date(), ends.date())


def _compare(store: Reads, scope: Scope, base: Scope, keys: tuple[str, ...]) -> Mapping[str, Change]:
    frame, metrics = frame_of(store, scope), chosen(keys)
    horizons = horizons_of(store, frame, steps_of(metrics))
    clock = _clock(frame, scope)
    judge = Judge(frame, scope.basis, one_currency=frame.currency is not None)
    found = []
    with store.read() as connection:
        for period in (scope, base):
            until = None if clock is None or period.end is None else datetime.combine(period.end, clock)
            question = Question(period, (), metrics, until=until, spread=True)
            sums = read_sums(connection, frame, horizons, question).get((), {})
            known = _known(frame, period)
            found.append(_Side(judge, sums, judge.values(metrics, sums if known else None)))
    now, before = found
    return {key: _change(CATALOGUE[key], key, now, before, base, clock) for key in keys}


def _known(frame: Frame, period: Scope) -> bool:
    covered = frame.covered_days
    return bool(
        covered and period.start and period.end and period.start <= covered[1] and covered[0] <= period.end
    )


def _clock(frame: Frame, scope: Scope) -> time | None:
    """The time of day both periods end at, where the data stops within the last day."""
    ends = data_ends(frame)
    if ends is None or ends.date() != scope.end or ends.time() >= WHOLE_TO:
        return None
    return (ends + timedelta(seconds=1)).time()


@dataclass(frozen=True, slots=True)
class _Side:
    judge: Judge
    sums: Sums
    values: Mapping[str, Value]

    def share(self, metric: Ratio) -> tuple[int, int] | None:
        """Hits and trials of a share, of matured orders where the metric has a maturity."""
        if metric.step:
            pair = self.sums.get(f"{metric.key}__hits"), self.sums.get(f"{metric.key}__matured")
        else:
            pair = self.values[f"{metric.key}_n"], self.values[f"{metric.key}_d"]
        hits, trials = pair
        if hits is None or not trials or self.values[metric.key] is None or hits > trials:
            return None
        return int(hits), int(trials)

    def variance(self, metric: Metric, key: str) -> float | None:
        """Variance of the value, orders being drawn independently; ``None`` where it is not known."""
        if isinstance(metric, Count):
            return float(self.sums.get(metric.key) or 0)
        if isinstance(metric, Total):
            return float(self.sums.get(f"{metric.key}__squares") or 0)
        if isinstance(metric, Difference):
            parts = [self.variance(CATALOGUE[part], part) for part in (metric.minuend, metric.subtrahend)]
            return sum(part for part in parts if part is not None)
        if isinstance(metric, Ratio):
            return self._variance_of_mean(metric)
        if isinstance(metric, Duration):
            return self._variance_of_time(metric, key)
        return None

    def _variance_of_mean(self, metric: Ratio) -> float | None:
        squares = self.sums.get(f"{metric.numerator}__squares")
        size, mean = self.values.get(f"{metric.key}_d"), self.values[metric.key]
        if squares is None or not size or mean is None or metric.denominator != "orders_paid":
            return None
        return max(float(squares) / size - mean * mean, 0.0) / size

    def _variance_of_time(self, metric: Duration, key: str) -> float | None:
        deviation, size = self.sums.get(f"{metric.key}__deviation"), self.sums.get(f"{metric.key}__n")
        if deviation is None or not size or key.endswith(("_p90", "_n")):
            return None
        scale = SECONDS_PER_HOUR if metric.unit == "hours" else 1
        error = float(deviation) / scale / sqrt(size)
        return (error * (MEDIAN_SPREAD if key.endswith("_p50") else 1.0)) ** 2

    def size(self, metric: Metric) -> int:
        """How many rows stand behind the value."""
        if isinstance(metric, Ratio):
            found = self.values.get(f"{metric.key}_d")
        elif isinstance(metric, Duration):
            found = self.sums.get(f"{metric.key}__n")
        else:
            found = self.sums.get("rows_read")
        return int(found or 0)


def _change(metric: Metric, key: str, now: _Side, before: _Side, base: Scope, clock: time | None) -> Change:
    value, basis = now.values[key], before.values[key]
    low: float | None = None
    high: float | None = None
    if isinstance(metric, Ratio) and metric.binomial:
        first, second = now.share(metric), before.share(metric)
        value = first[0] / first[1] if first else None
        basis = second[0] / second[1] if second else None
        bounds = newcombe(*first, *second) if first and second else None
    else:
        bounds = _normal(metric, key, now, before)
    difference = None if value is None or basis is None else float(value) - float(basis)
    if bounds is not None and difference is not None:
        low, high = bounds
    is_new = basis == 0 and bool(value) and not isinstance(metric, Ratio)
    enough = min(now.size(metric), before.size(metric)) >= ENOUGH
    clear = enough if low is None or high is None else (low > 0 or high < 0)
    return Change(
        key=key,
        value=value,
        base=basis,
        difference=difference,
        relative=difference / float(basis) if difference is not None and basis else None,
        low=low,
        high=high,
        is_new=is_new,
        is_clear=difference not in (None, 0.0) and clear,
        base_start=base.start or date.min,
        base_end=base.end or date.min,
        clock=clock,
    )


def _normal(metric: Metric, key: str, now: _Side, before: _Side) -> tuple[float, float] | None:
    value, basis = now.values[key], before.values[key]
    first, second = now.variance(metric, key), before.variance(metric, key)
    if value is None or basis is None or first is None or second is None:
        return None
    reach = Z95 * sqrt(first + second)
    return float(value) - float(basis) - reach, float(value) - float(basis) + reach
