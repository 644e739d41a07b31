"""Days on which a figure left what is usual of it: statistics over days, without a store.

A day is compared with the usable days of the twelve weeks before it: their median and, of its weekday, how
far that is off it. The distance is counted in robust standard deviations (median deviation × 1.4826, never
below what chance alone makes of ``n``). A level shift is a run of days that are all off to the same side. All
days and runs tested together share one budget of false alarms (Benjamini and Hochberg, 1995).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import erfc, exp, log, sqrt
from statistics import fmean, median
from typing import Literal

Scale = Literal["amount", "time", "rate", "share"]
LOGARITHMIC = ("amount", "time")
DAY, REACH = timedelta(days=1), timedelta(weeks=12)
# Fewer days before it (or fewer of its weekday) say too little of what is usual.
FEWEST_DAYS, FEWEST_ALIKE = 21, 3
AS_SIGMA, WEEK, LEAST = 1.4826, 7, 0.5
# A part of so few orders more or less is chance, whatever the normal distribution says of it.
FEWEST_OFF = 5
# How uncertain a median of k is: π ÷ 2k variances.
OF_MEDIAN = 1.5708


@dataclass(frozen=True, slots=True)
class Series:
    """A figure day by day, only days that are whole and old enough; ``sizes``: how many orders each rests on.

    ``scale``: an ``amount`` or ``time`` changes by parts of itself (its logarithm is compared), and a day of
    a small amount is no small day; a ``rate`` is a part of n that changes so too; a ``share`` one changing by
    points.
    """

    key: str
    scale: Scale
    values: Mapping[date, float]
    sizes: Mapping[date, float]


@dataclass(frozen=True, slots=True)
class Bounds:
    """What is a shift: deviations, parts of the usual value, points of a share (0–1), the least n, days in a
    row that make a level, and the share of false ones among those found."""

    deviations: float = 4
    change: float = 0.2
    points: float = 0.05
    fewest: float = 30
    in_a_row: int = 3
    false_share: float = 0.05


@dataclass(frozen=True, slots=True)
class Compared:
    """A day beside what is usual: ``z`` in deviations, ``change`` in parts of the usual value (in points of a
    share), ``echo`` how much a day resembles the one before, ``free`` the degrees of freedom of ``z``."""

    series: Series
    day: date
    value: float
    usual: float
    n: float
    z: float
    change: float
    echo: float
    free: int


@dataclass(frozen=True, slots=True)
class Shift:
    """A run of days a figure was off, values and n a day on average; ``change`` see ``Compared``."""

    key: str
    scale: Scale
    first: date
    last: date
    value: float
    usual: float
    n: float
    change: float


def compared(series: Series, day: date) -> Compared | None:
    """The day beside the usable days before it; ``None`` where they are too few."""
    before = sorted(one for one in series.values if day - REACH <= one < day)
    if len(before) < FEWEST_DAYS or sum(one.weekday() == day.weekday() for one in before) < FEWEST_ALIKE:
        return None
    scaled = {one: _scaled(series, one) for one in (*before, day)}
    level = median(scaled[one] for one in before)
    offs = _weekdays(before, scaled, level)
    rest = [scaled[one] - level - offs.get(one.weekday(), 0.0) for one in before]
    free = max(len(before) - WEEK, 1)
    expected = level + offs.get(day.weekday(), 0.0)
    usual = exp(expected) if series.scale in LOGARITHMIC else expected
    n = expected_n = series.sizes[day]
    if series.scale == "amount":
        expected_n = median(series.sizes[one] for one in before)
        n = max(n, expected_n)
    sigma = AS_SIGMA * median(map(abs, rest)) * sqrt(len(before) / free)
    alike = sum(one.weekday() == day.weekday() for one in before)
    spread = max(sigma, _chance(series.scale, usual, expected_n)) * sqrt(1 + OF_MEDIAN / alike)
    value = series.values[day]
    change = _change(series.scale, value, usual, n)
    z = (scaled[day] - expected) / spread
    return Compared(series, day, value, usual, n, z, change, _echo(before, rest, sigma), free)


def _scaled(series: Series, day: date) -> float:
    value = series.values[day]
    return log(max(value, LEAST)) if series.scale in LOGARITHMIC else value


def _change(scale: Scale, value: float, usual: float, n: float) -> float:
    """In points of a share, else in parts of the usual value; what never happens counts as half an order."""
    return value - usual if scale == "share" else (value - usual) / max(usual, LEAST / max(n, 1))


def _weekdays(days: Sequence[date], scaled: Mapping[date, float], level: float) -> Mapping[int, float]:
    """How far each weekday is off the level, where there are enough of it."""
    found: dict[int, list[float]] = {}
    for day in days:
        found.setdefault(day.weekday(), []).append(scaled[day])
    return {name: median(values) - level for name, values in found.items() if len(values) >= FEWEST_ALIKE}


def _chance(scale: Scale, usual: float, n: float) -> float:
    """The standard deviation that counting n orders makes alone."""
    if scale in LOGARITHMIC:
        return 1 / sqrt(max(n, 1))
    part = (usual * n + 1) / (n + 2)
    return sqrt(max(part * (1 - part), 0.0) / max(n, 1))


def _echo(days: Sequence[date], rest: Sequence[float], sigma: float) -> float:
    """How much what is left of a day resembles that of the day before (0–0.9), outliers cut."""
    if sigma <= 0:
        return 0.0
    cut = dict(zip(days, (min(max(one / sigma, -3.0), 3.0) for one in rest), strict=True))
    pairs = [(cut[day], cut[day + DAY]) for day in days if day + DAY in cut]
    square = fmean(one * one for one in cut.values())
    if len(pairs) < FEWEST_DAYS or square <= 0:
        return 0.0
    return min(max(fmean(one * other for one, other in pairs) / square, 0.0), 0.9)


def shifts(tests: Iterable[Sequence[Compared]], bounds: Bounds) -> tuple[Shift, ...]:
    """The shifts among the days of several figures, each in order of time: days alone, and runs of days."""
    every = [one for days in tests for one in _tests(days, bounds.in_a_row)]
    passed = _within_budget([chance for chance, _ in every], bounds.false_share)
    found: dict[str, dict[date, Compared]] = {}
    for chance, days in every:
        if chance <= passed and _is_shift(days, bounds):
            found.setdefault(days[0].series.key, {}).update({one.day: one for one in days})
    return tuple(_shift(run) for days in found.values() for run in _runs(days))


def _tests(days: Sequence[Compared], in_a_row: int) -> Iterator[tuple[float, Sequence[Compared]]]:
    """Each day alone, and each run of so many days, with its probability under chance."""
    for place, one in enumerate(days):
        yield _probability(one.z, one.free), (one,)
        run = days[place : place + in_a_row]
        if len(run) == in_a_row > 1 and run[-1].day - run[0].day == (in_a_row - 1) * DAY:
            yield _probability(_together(run), one.free), run


def _together(run: Sequence[Compared]) -> float:
    """The sum of a run in its own standard deviations: days that echo each other tell less."""
    length, echo = len(run), run[0].echo
    variance = length + 2 * sum((length - lag) * echo**lag for lag in range(1, length))
    return sum(one.z for one in run) / sqrt(variance)


def _probability(z: float, free: int) -> float:
    """Both tails of Student's distribution, by Wallace's approximation of it through the normal one."""
    normal = sqrt(free * log(1 + z * z / free)) * (8 * free + 1) / (8 * free + 3)
    return erfc(normal / sqrt(2))


def _within_budget(chances: Sequence[float], share: float) -> float:
    """The largest probability that passes, so that about ``share`` of what passes is chance."""
    ordered = sorted(chances)
    passing = [chance for rank, chance in enumerate(ordered, 1) if chance <= share * rank / len(ordered)]
    return max(passing, default=-1.0)


def _is_shift(days: Sequence[Compared], bounds: Bounds) -> bool:
    """Far enough off, all to one side, and of enough orders."""
    least = bounds.points if days[0].series.scale == "share" else bounds.change
    one_side = len({one.change > 0 for one in days}) == 1
    enough = all(abs(one.change) >= least - 1e-9 and one.n >= bounds.fewest for one in days)
    told = days[0].series.scale in LOGARITHMIC or all(_orders_off(one) >= FEWEST_OFF for one in days)
    return one_side and enough and told and abs(_together(days)) >= bounds.deviations


def _orders_off(one: Compared) -> float:
    """How many orders a rate or share is off by."""
    return abs(one.value - one.usual) * one.n


def _runs(days: Mapping[date, Compared]) -> Iterator[Sequence[Compared]]:
    """Days in a row that are off to the same side."""
    run: list[Compared] = []
    for day in sorted(days):
        one = days[day]
        if run and (day - run[-1].day > DAY or (one.change > 0) is not (run[-1].change > 0)):
            yield run
            run = []
        run.append(one)
    if run:
        yield run


def _shift(run: Sequence[Compared]) -> Shift:
    series, means = (
        run[0].series,
        [fmean(getattr(one, name) for one in run) for name in ("value", "usual", "n")],
    )
    value, usual, n = means
    change = _change(series.scale, value, usual, n)
    return Shift(series.key, series.scale, run[0].day, run[-1].day, value, usual, n, change)
