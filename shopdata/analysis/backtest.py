"""Forecasts put to the test on the past: what each method would have said, and what then came.

At every origin a method knows only the values before it; its intervals, too, come from the errors it had made
by then, so the share of values inside is a measurement and not a promise.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from shopdata.analysis.resampling import Interval, Numbers, ratio_of_sums

ORIGINS, MOST_ORIGINS = 8, 30
# Steps between origins, the widest that leaves eight origins; none divides a week, so every weekday is one.
STRIDES = {7: (5, 3, 2), 1: (1,)}
LEVELS = (0.80, 0.95)
FEWEST_ERRORS = 7
DRAWN_IN = 0.1
Back = Callable[[Numbers], Numbers]


class Method(Protocol):
    """A way to forecast that can be asked at any origin."""

    @property
    def name(self) -> str:
        """Its key in documents."""
        ...

    @property
    def is_median(self) -> bool:
        """Whether it says the middle of what may come on its own scale, which on a curved one is no mean."""
        ...

    def at(self, origin: int) -> tuple[Numbers, Numbers]:
        """The forecast after ``origin`` values, and its errors up to then (steps × steps ahead)."""
        ...


@dataclass(frozen=True, slots=True)
class Bands:
    """A forecast in the metric's own unit: values and the ends of their 80 and 95 % intervals."""

    values: Numbers
    low: Numbers
    high: Numbers
    low95: Numbers
    high95: Numbers


@dataclass(frozen=True, slots=True)
class Accuracy:
    """How a method did over all origins, in the metric's own unit.

    ``wape`` = Σ|error| ÷ Σ|actual|. ``mase`` = mean of |error| ÷ the mean absolute change over one season
    before its origin (Hyndman & Koehler 2006); below 1 is better than last season's value was then.
    ``bias`` = Σ(forecast − actual) ÷ Σ|actual|. ``coverage`` = share of values inside the interval,
    ``width`` = mean width ÷ mean |actual|. ``n`` pairs of forecast and actual from ``origins`` origins.
    """

    wape: float
    mase: float | None
    bias: float
    coverage80: float
    coverage95: float
    width80: float
    width95: float
    origins: int
    n: int


@dataclass(frozen=True, slots=True)
class Tested:
    """One method's pairs: (origins, steps ahead) each; NaN where nothing was seen."""

    method: Method
    origins: tuple[int, ...]
    actual: Numbers
    told: Numbers
    low: Numbers
    high: Numbers
    low95: Numbers
    high95: Numbers


def first_origin(season: int, warm: int, ahead: int) -> int:
    """Values that must lie before the first origin: enough to have made seven errors at every distance."""
    return max(5 * season, 12, warm + FEWEST_ERRORS + ahead)


def needed(season: int, warm: int, ahead: int) -> int:
    """Values a series must have so that eight origins can be tested at all."""
    return first_origin(season, warm, ahead) + ahead + (ORIGINS - 1) * min(STRIDES[season])


def origins_of(steps: int, season: int, warm: int, ahead: int, most: int = MOST_ORIGINS) -> tuple[int, ...]:
    """The rolling origins of a series of ``steps`` values, from the oldest; none where it is too short."""
    latest, first = steps - ahead, first_origin(season, warm, ahead)
    for stride in STRIDES[season]:
        if first + (ORIGINS - 1) * stride <= latest:
            count = min(most, (latest - first) // stride + 1)
            return tuple(latest - stride * back for back in reversed(range(count)))
    return ()


def bands(method: Method, origin: int, back: Back) -> Bands:
    """The forecast of a method at an origin with the intervals its own earlier errors give.

    An end, on the method's scale, is the conformal quantile of its errors at that distance, never nearer than
    at a shorter one. ``back`` leads from that scale to the metric's own unit. A median is
    turned into a mean by the errors seen (Duan's smearing, its outer tenths drawn in, so that one stray day
    does not lift every forecast).
    """
    values, errors = method.at(origin)
    ordered, counts = np.sort(errors, axis=0), np.isfinite(errors).sum(axis=0)
    places, enough = np.arange(len(counts)), counts >= FEWEST_ERRORS
    ends = []
    for level in LEVELS:
        beyond = np.floor((1 - level) / 2 * (counts + 1)).astype(int)
        below = ordered[np.maximum(beyond - 1, 0), places]
        above = ordered[np.maximum(counts - np.maximum(beyond, 1), 0), places]
        lows = np.minimum.accumulate(np.where(enough, below, 0.0))
        highs = np.maximum.accumulate(np.where(enough, above, 0.0))
        ends += [back(values + lows), back(values + highs)]
    seen = errors[np.isfinite(errors)]
    if not method.is_median or not len(seen):
        return Bands(back(values), *ends)
    drawn_in = np.clip(seen, *np.quantile(seen, [DRAWN_IN, 1 - DRAWN_IN]))
    return Bands(back(values[:, None] + drawn_in).mean(axis=1), *ends)


def tested(method: Method, raw: Numbers, origins: Sequence[int], skipped: int, back: Back) -> Tested:
    """Ask ``method`` at every origin. ``raw`` are the values in the metric's own unit; the first ``skipped``
    steps ahead are not asked for."""
    told = [bands(method, origin, back) for origin in origins]
    steps = len(told[0].values)
    return Tested(
        method=method,
        origins=tuple(origins),
        actual=np.array([raw[origin + skipped : origin + steps] for origin in origins]),
        told=np.array([one.values[skipped:] for one in told]),
        low=np.array([one.low[skipped:] for one in told]),
        high=np.array([one.high[skipped:] for one in told]),
        low95=np.array([one.low95[skipped:] for one in told]),
        high95=np.array([one.high95[skipped:] for one in told]),
    )


def accuracy(found: Tested, raw: Numbers, season: int) -> Accuracy | None:
    """Figures of a test; ``None`` where nothing was seen or all that was seen is zero."""
    ok = np.isfinite(found.actual) & np.isfinite(found.told)
    actual, told = found.actual[ok], found.told[ok]
    size = float(np.abs(actual).sum())
    if not size:
        return None
    scales = np.array([_seasonal_change(raw[:origin], season) for origin in found.origins])
    scaled = (np.abs(found.actual - found.told) / scales[:, None])[ok]
    wide80, wide95 = (found.high - found.low)[ok], (found.high95 - found.low95)[ok]
    return Accuracy(
        wape=float(np.abs(actual - told).sum()) / size,
        mase=float(scaled.mean()) if np.isfinite(scaled).all() else None,
        bias=float((told - actual).sum()) / size,
        coverage80=float(((found.low[ok] <= actual) & (actual <= found.high[ok])).mean()),
        coverage95=float(((found.low95[ok] <= actual) & (actual <= found.high95[ok])).mean()),
        width80=float(wide80.sum()) / size,
        width95=float(wide95.sum()) / size,
        origins=len(found.origins),
        n=int(ok.sum()),
    )


def _seasonal_change(raw: Numbers, season: int) -> float:
    """Mean absolute change over one season; NaN where there is none."""
    change = np.abs(raw[season:] - raw[:-season])
    change = change[np.isfinite(change)]
    return float(change.mean()) if len(change) and change.mean() > 0 else float("nan")


def gain(found: Tested, over: Tested, skipped: int) -> Interval | None:
    """By how much of what came ``found`` errs less than ``over`` (a difference of two WAPE); its interval.

    What is drawn anew is the day told of, with everything any origin said about it: origins overlap.
    """
    ok = np.isfinite(found.actual) & np.isfinite(found.told) & np.isfinite(over.told)
    saved = np.where(ok, np.abs(over.actual - over.told) - np.abs(found.actual - found.told), 0.0)
    size = np.where(ok, np.abs(found.actual), 0.0)
    ahead = np.arange(found.told.shape[1])
    targets = np.array(found.origins)[:, None] + skipped + ahead
    places = targets - targets.min()
    gained, came = (
        np.asarray(np.bincount(places.ravel(), part.ravel()), np.float64) for part in (saved, size)
    )
    return ratio_of_sums(gained, came)
