"""The simple ways to forecast that a model must beat: last season's value, the last value, a recent mean."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from shopdata.analysis.resampling import Numbers
from shopdata.analysis.smoothing import warm_up

BAR = "seasonal_naive"
# The recent mean is over so many seasons (four weeks of days), at least so many values.
MEAN_SEASONS, MEAN_LEAST = 4, 4


@dataclass(frozen=True, slots=True)
class Guess:
    """A guess as it was after every step: ``told`` is (steps, steps ahead), on the scale of ``values``."""

    name: str
    values: Numbers
    told: Numbers
    season: int
    is_median: ClassVar[bool] = False

    def at(self, origin: int) -> tuple[Numbers, Numbers]:
        """What is guessed after ``origin`` values, and the errors of all earlier guesses seen by then."""
        ahead = self.told.shape[1]
        targets = np.arange(origin)[:, None] + 1 + np.arange(ahead)
        seen = (targets < origin) & (np.arange(origin)[:, None] >= warm_up(self.season) - 1)
        actual = np.where(seen, self.values[np.where(seen, targets, 0)], np.nan)
        return self.told[origin - 1], actual - self.told[:origin]


def seasonal_naive(values: Numbers, season: int, ahead: int) -> Guess:
    """The last known value of the same place in the season (the same weekday); the bar for every model."""
    steps = len(values)
    laid = np.full(steps + season, np.nan)
    for step, value in enumerate(values):
        laid[step + season] = value if np.isfinite(value) else laid[step]
    targets = np.arange(steps)[:, None] + 1 + np.arange(ahead)
    return Guess(BAR, values, laid[targets - season * (np.arange(ahead) // season)], season)


def last_value(values: Numbers, season: int, ahead: int) -> Guess:
    """The last known value, for ever."""
    held = seasonal_naive(values, 1, 1).told
    return Guess("last_value", values, np.repeat(held, ahead, axis=1), season)


def recent_mean(values: Numbers, season: int, ahead: int) -> Guess:
    """The mean of the known values of the last four seasons (at least four values)."""
    width = max(MEAN_SEASONS * season, MEAN_LEAST)
    known = np.isfinite(values)
    sums = np.concatenate([[0.0], np.cumsum(np.where(known, values, 0.0))])
    counts = np.concatenate([[0.0], np.cumsum(known)])
    ends = np.arange(1, len(values) + 1)
    starts = np.maximum(ends - width, 0)
    number = counts[ends] - counts[starts]
    mean = np.where(number > 0, (sums[ends] - sums[starts]) / np.maximum(number, 1), np.nan)
    return Guess("recent_mean", values, np.repeat(mean[:, None], ahead, axis=1), season)
