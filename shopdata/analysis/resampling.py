"""Intervals by resampling: for ratios of sums, means and quantiles, whose spread no formula gives.

What is drawn anew is whole units (orders, days, lanes): a day's orders rise and fall together, so a claim
about days resamples days. The draw is seeded: the same data gives the same interval.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Weights = NDArray[np.int64]
RESAMPLES, SEED, LEVEL = 1_000, 20_260_101, 0.95
FEWEST = 5
AT_ONCE = 2_000_000  # numbers held at a time while sums are drawn
KEPT = 1_000_000  # draws of at most that many numbers are kept: as many units give the same ones


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure with the bounds of its interval (95 % unless asked otherwise). ``n`` units were resampled;
    the bounds are ``None`` below five, where resampling says nothing."""

    value: float
    low: float | None
    high: float | None
    n: int

    @property
    def clear(self) -> bool:
        """Whether the interval leaves out zero: a difference that is one."""
        return self.low is not None and self.high is not None and not self.low <= 0 <= self.high


def resampled(
    units: Sequence[Sequence[float]] | Numbers,
    statistic: Callable[[Numbers], float],
    *,
    level: float = LEVEL,
    resamples: int = RESAMPLES,
) -> Interval | None:
    """``statistic`` of the units (one row each) and the percentile interval of its bootstrap.

    A draw whose statistic is not a number (an empty denominator) is left out. ``None`` where the statistic
    of the data itself is not a number.
    """
    rows = np.asarray(units, dtype=np.float64)
    value = statistic(rows) if len(rows) else float("nan")
    if not np.isfinite(value):
        return None
    if len(rows) < FEWEST:
        return Interval(float(value), None, None, len(rows))
    draws = np.random.default_rng(SEED).integers(0, len(rows), size=(resamples, len(rows)))
    found = np.array([statistic(rows[draw]) for draw in draws])
    return _bounds(float(value), found, level, len(rows))


def multinomial(units: int, resamples: int) -> Weights:
    """How often each unit is drawn, one row a draw."""
    even = np.full(units, 1 / units)
    return np.random.default_rng(SEED).multinomial(units, even, size=resamples)


def one_by_one(units: int, resamples: int) -> Weights:
    """The same of the very draws ``resampled`` makes."""
    places = np.random.default_rng(SEED).integers(0, units, size=(resamples, units))
    flat = (places + units * np.arange(resamples)[:, None]).ravel()
    return np.bincount(flat, minlength=units * resamples).reshape(resamples, units)


def _drawn(draws: Callable[[int, int], Weights], units: int, resamples: int) -> Weights:
    return draws(units, resamples)


_kept = lru_cache(maxsize=4)(_drawn)


def ratio_of_sums(
    numerators: Sequence[float] | Numbers,
    denominators: Sequence[float] | Numbers,
    *,
    level: float = LEVEL,
    resamples: int = RESAMPLES,
) -> Interval | None:
    """Sum ÷ sum over units and its interval; ``None`` where the denominator is zero."""
    rows = np.column_stack((np.asarray(numerators, np.float64), np.asarray(denominators, np.float64)))
    return of_sums(rows, lambda sums: sums[:, 0] / sums[:, 1], level=level, resamples=resamples)


def of_sums(
    units: Numbers,
    statistic: Callable[[Numbers], Numbers],
    *,
    level: float = LEVEL,
    resamples: int = RESAMPLES,
    draws: Callable[[int, int], Weights] = multinomial,
) -> Interval | None:
    """A statistic of column sums over units (one row each) and its interval.

    ``statistic`` takes many rows of sums at once (one a draw) and gives one number each; not a number where
    it is undefined. ``None`` where the statistic of the data itself is undefined.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        value = float(statistic(units.sum(axis=0, keepdims=True))[0]) if len(units) else float("nan")
        if not np.isfinite(value):
            return None
        if len(units) < FEWEST:
            return Interval(value, None, None, len(units))
        kept = len(units) * resamples <= KEPT
        weights = (_kept if kept else _drawn)(draws, len(units), resamples)
        step = max(1, AT_ONCE // max(1, units.shape[1]))
        parts = [statistic(weights[first : first + step] @ units) for first in range(0, resamples, step)]
    return _bounds(value, np.concatenate(parts), level, len(units))


def _bounds(value: float, found: Numbers, level: float, n: int) -> Interval:
    kept = found[np.isfinite(found)]
    if not len(kept):
        return Interval(value, None, None, n)
    low, high = np.quantile(kept, [(1 - level) / 2, (1 + level) / 2])
    return Interval(value, float(low), float(high), n)
