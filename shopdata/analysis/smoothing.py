"""Exponential smoothing with a repeating pattern and effects of known days, all origins in one pass.

Level and pattern in the error-correction form of Hyndman et al., *Forecasting with Exponential Smoothing*
(2008), ETS(A,N,A). Three things differ from the textbook. A gap changes nothing: no error is read from it.
The gains never fall below the share a plain average would give (1/n), so a gain of 0 is the average of all
days. And since the filter is linear, effects of known days (promotions, holidays) are the regression of the
one-step errors of the values on those of the days' marks, drawn towards no effect. Nothing here knows what
the values mean or where they come from.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from shopdata.analysis.resampling import Numbers

LEVEL_GAINS = (0.0, 0.03, 0.06, 0.12, 0.25, 0.5, 0.8)
PATTERN_GAINS = (0.0, 0.1, 0.3)
PATTERN_SHARES = (0.5, 1.0)
# How large an effect is expected to be, on the scale of the values (a log: 0.7 is a doubling).
EFFECT_SPREAD = 0.7


def warm_up(season: int) -> int:
    """Values the starting level and pattern are read from; errors before count for nothing."""
    return max(2 * season, 4)


@dataclass(frozen=True, slots=True)
class Settings:
    """One setting a column: gain of the level, gain of the pattern, share of the pattern that is used."""

    level: Numbers
    pattern: Numbers
    share: Numbers

    @staticmethod
    def of(season: int) -> Settings:
        """Every combination that is tried; without a season there is no pattern."""
        rows = [(level, 0.0, 0.0) for level in LEVEL_GAINS]
        if season > 1:
            rows += list(product(LEVEL_GAINS, PATTERN_GAINS, PATTERN_SHARES))
        columns = np.array(rows).T[:, :, None]
        return Settings(columns[0], columns[1], columns[2])


@dataclass(frozen=True, slots=True)
class Path:
    """What the filter knew after each step, for every setting. Columns: the values, then the marks.

    Shapes: ``errors`` and ``levels`` (steps, settings, columns); ``patterns`` (steps + season, settings,
    columns), of which row t is what was known before step t about its place in the season.
    """

    errors: Numbers
    levels: Numbers
    patterns: Numbers


def follow(values: Numbers, marks: Numbers, season: int, settings: Settings) -> Path:
    """Run every setting over ``values`` (steps; NaN is a gap) and ``marks`` (steps × marks) at once."""
    known = np.isfinite(values)
    columns = np.column_stack([np.where(known, values, 0.0), marks])
    steps, shape = len(values), (len(settings.level), columns.shape[1])
    start = min(warm_up(season), steps)
    errors, levels = np.zeros((steps, *shape)), np.zeros((steps, *shape))
    patterns = np.zeros((steps + season, *shape))
    level = np.zeros(shape)
    level[:], patterns[: start + season] = _beginning(columns, known, season, start)
    levels[:start] = level
    seen = np.array([known[place:start:season].sum() for place in range(season)])
    for step in range(start, steps):
        place = step % season
        patterns[step + season] = patterns[step]
        if known[step]:
            error = columns[step] - level - settings.share * patterns[step]
            seen[place] += 1
            errors[step] = error
            level = level + np.maximum(settings.level, 1 / seen.sum()) * error
            if season > 1:
                gain = np.maximum(settings.pattern, 1 / (seen[place] + 1))
                patterns[step + season] += gain * error
        levels[step] = level
    return Path(errors, levels, patterns)


def _beginning(
    columns: Numbers, known: NDArray[np.bool_], season: int, start: int
) -> tuple[Numbers, Numbers]:
    """Level and pattern of the first steps: means, the pattern's drawn towards none."""
    first = columns[:start][known[:start]]
    level = first.mean(axis=0) if len(first) else np.zeros(columns.shape[1])
    patterns = np.zeros((start + season, 1, columns.shape[1]))
    for place in range(season if season > 1 else 0):
        rows = columns[place:start:season][known[place:start:season]]
        if len(rows):
            patterns[place::season] = (rows.mean(axis=0) - level) * len(rows) / (len(rows) + 1)
    return level, patterns


@dataclass(frozen=True, slots=True)
class Smoothing:
    """The method, ready to be asked at any origin. ``marks`` reach ``ahead`` steps past the values.

    ``usable`` tells of each mark from which origin on it may be used.
    """

    values: Numbers
    marks: Numbers
    usable: Sequence[int]
    season: int
    ahead: int
    settings: Settings
    path: Path

    name: ClassVar[str] = "smoothing"
    is_median: ClassVar[bool] = True

    @staticmethod
    def over(values: Numbers, marks: Numbers, usable: Sequence[int], season: int, ahead: int) -> Smoothing:
        """Run the filter over the history."""
        settings = Settings.of(season)
        path = follow(values, marks[: len(values)], season, settings)
        return Smoothing(values, marks, usable, season, ahead, settings, path)

    def at(self, origin: int) -> tuple[Numbers, Numbers]:
        """What is forecast after ``origin`` values (steps ahead), and the errors of the same setting at every
        earlier step and distance (steps × steps ahead; NaN where it was not yet seen)."""
        place, effects, used = self._chosen(origin)
        told = self._told(origin, place, used, effects)
        targets = np.arange(origin)[:, None] + 1 + np.arange(self.ahead)
        seen = (targets < origin) & (np.arange(origin)[:, None] >= warm_up(self.season) - 1)
        actual = np.where(seen, self.values[np.where(seen, targets, 0)], np.nan)
        return told[origin - 1], actual - told

    def effects(self, origin: int) -> dict[int, float]:
        """The effect of each usable mark as it was estimated at ``origin``."""
        _, effects, used = self._chosen(origin)
        return dict(zip(used, effects.tolist(), strict=True))

    def _chosen(self, origin: int) -> tuple[int, Numbers, list[int]]:
        """The setting with the smallest mean absolute one-step error so far, and its effects."""
        used = [mark for mark, first in enumerate(self.usable) if first <= origin]
        rows = slice(warm_up(self.season), origin)
        known = np.isfinite(self.values[rows])
        errors = self.path.errors[rows, :, 0][known]
        marked = self.path.errors[rows][:, :, [mark + 1 for mark in used]][known]
        effects = np.zeros((errors.shape[1], len(used)))
        if used:
            spread = np.median(np.abs(errors), axis=0)[:, None, None] * 1.4826 + 1e-9
            normal = np.einsum("tgi,tgj->gij", marked, marked)
            normal = normal + np.eye(len(used)) * (spread / EFFECT_SPREAD) ** 2
            effects = np.linalg.solve(normal, np.einsum("tgi,tg->gi", marked, errors)[:, :, None])[:, :, 0]
            errors = errors - np.einsum("tgi,gi->tg", marked, effects)
        place = int(np.argmin(np.abs(errors).mean(axis=0)))
        return place, effects[place], used

    def _told(self, origin: int, place: int, used: list[int], effects: Numbers) -> Numbers:
        """What the setting said at each step before ``origin`` about the steps after it."""
        weights = np.zeros(1 + self.marks.shape[1])
        weights[0], weights[[mark + 1 for mark in used]] = 1.0, -effects
        levels = self.path.levels[:origin, place] @ weights
        patterns = self.path.patterns[: origin + self.season, place] @ weights
        effect = self.marks[:, used] @ effects
        targets = np.arange(origin)[:, None] + 1 + np.arange(self.ahead)
        laid = targets - self.season * (np.arange(self.ahead) // self.season)
        found: Numbers = (
            levels[:, None]
            + self.settings.share[place, 0] * patterns[laid]
            + effect[np.minimum(targets, len(effect) - 1)]
        )
        return found
