"""From a series of numbers to its forecast, or to the reason there is none; knows no store, no calendar."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

from shopdata.analysis import backtest, guesses
from shopdata.analysis.backtest import Accuracy, Back, Method, Tested
from shopdata.analysis.guesses import BAR
from shopdata.analysis.resampling import Numbers
from shopdata.analysis.smoothing import Smoothing, warm_up

# A value far below the usual must not weigh more than one far above: the log is of the value plus this share
# of the mean of the first weeks.
OFFSET = 0.1
TAILS = (0.025, 0.1, 0.9, 0.975)
Reason = Literal["short", "nothing", "not_better"]


@dataclass(frozen=True, slots=True)
class Band:
    """A forecast value with its 80 % (``low``, ``high``) and 95 % interval, in the metric's own unit."""

    value: float
    low: float
    high: float
    low95: float
    high95: float


@dataclass(frozen=True, slots=True)
class Scale:
    """The scale a series is modelled on: ``forth`` from the metric's unit, ``back`` to it.

    A plain scale knows the ``least`` and ``most`` the metric can be at all.
    """

    forth: Callable[[Numbers], Numbers]
    back: Back

    @staticmethod
    def plain(least: float = -np.inf, most: float = np.inf) -> Scale:
        """As it is: for shares, and for differences, which can be negative."""
        return Scale(lambda values: values, lambda values: np.clip(values, least, most))

    @staticmethod
    def log(raw: Numbers, season: int) -> Scale:
        """A log: for counts, amounts and durations, which vary by a share of themselves."""
        first = raw[: 4 * season if season > 1 else 12]
        mean = np.nanmean(first) if np.isfinite(first).any() else 0.0
        offset = OFFSET * float(mean or np.nanmean(raw)) or 1.0
        return Scale(
            lambda values: np.log(np.maximum(values, 0) + offset),
            lambda values: np.maximum(np.exp(np.minimum(values, 60.0)) - offset, 0.0),
        )


@dataclass(frozen=True, slots=True)
class Marks:
    """Known days as columns of numbers, ``ahead`` steps past the values; ``usable``: from which origin on."""

    columns: Numbers
    usable: tuple[int, ...] = ()

    @staticmethod
    def none(steps: int) -> Marks:
        """No known days."""
        return Marks(np.zeros((steps, 0)))


@dataclass(frozen=True, slots=True)
class Outlook:
    """What is forecast and how good that was, or why nothing is.

    ``steps`` are the forecasts asked for, ``total`` their sum with its own interval. ``model`` names the
    method, ``accuracy`` is its backtest, ``others`` the backtests of all methods by name. ``known`` values
    are used of the series, ``needed`` are wanted. ``effects`` are the marks' effects by place, on the scale.
    """

    reason: Reason | None
    known: int
    needed: int
    model: str | None = None
    steps: tuple[Band, ...] = ()
    total: Band | None = None
    accuracy: Accuracy | None = None
    others: Mapping[str, Accuracy] = field(default_factory=dict)
    effects: Mapping[int, float] = field(default_factory=dict)

    @property
    def bar(self) -> Accuracy | None:
        """The backtest of the seasonal naive forecast."""
        return self.others.get(BAR)

    @property
    def best(self) -> str | None:
        """The method with the smallest error in the backtest, shown or not."""
        return min(self.others, key=lambda name: self.others[name].wape, default=None)


def outlook(
    raw: Numbers,
    *,
    season: int,
    skipped: int,
    count: int,
    scale: Scale,
    marks: Marks,
    adds_up: bool,
    most_origins: int = backtest.MOST_ORIGINS,
) -> Outlook:
    """Forecast ``count`` steps, the first of them ``skipped`` + 1 steps after the last value of ``raw``.

    ``raw`` begins and ends with a known value; NaN between is a gap. ``season`` is 7 for days, 1 for none.
    The simplest method that is not clearly beaten is shown, and only if it clearly beats the bar.
    """
    ahead, warm = skipped + count, warm_up(season)
    known, wanted = int(np.isfinite(raw).sum()), backtest.needed(season, warm, ahead)
    if not known or not np.nansum(np.abs(raw)):
        return Outlook("nothing", known, wanted)
    origins = _seen(raw, backtest.origins_of(len(raw), season, warm, ahead, most_origins), skipped, ahead)
    if known < wanted or len(origins) < backtest.ORIGINS:
        return Outlook("short", known, max(wanted, known + 1))
    every = [
        backtest.tested(one, raw, origins, skipped, scale.back)
        for one in _methods(raw, season, ahead, scale, marks)
    ]
    figures = {one.method.name: found for one in every if (found := backtest.accuracy(one, raw, season))}
    if len(figures) < len(every):
        return Outlook("nothing", known, wanted)
    chosen = _chosen(every, figures, skipped)
    if chosen is None:
        return Outlook("not_better", known, wanted, others=figures)
    name = chosen.method.name
    judged = Outlook(None, known, wanted, model=name, accuracy=figures[name], others=figures)
    return _with_steps(judged, chosen.method, raw, skipped, scale, adds_up=adds_up)


def _with_steps(
    found: Outlook, method: Method, raw: Numbers, skipped: int, scale: Scale, *, adds_up: bool
) -> Outlook:
    """``found`` with what ``method`` says of the steps asked for."""
    told = backtest.bands(method, len(raw), scale.back)
    columns = np.array([told.values, told.low, told.high, told.low95, told.high95])
    steps = tuple(Band(*step) for step in columns[:, skipped:].T.tolist())
    return replace(
        found,
        steps=steps,
        total=_total(method, raw, steps, skipped, scale) if adds_up else None,
        effects=method.effects(len(raw)) if isinstance(method, Smoothing) else {},
    )


def _seen(raw: Numbers, origins: Sequence[int], skipped: int, ahead: int) -> tuple[int, ...]:
    """Origins after which at least one value is known."""
    return tuple(one for one in origins if np.isfinite(raw[one + skipped : one + ahead]).any())


def _methods(raw: Numbers, season: int, ahead: int, scale: Scale, marks: Marks) -> list[Method]:
    values = scale.forth(raw)
    made = (guesses.seasonal_naive, guesses.recent_mean, guesses.last_value)
    simple = [one(raw, season, ahead) for one in made]
    found: list[Method] = [replace(one, values=values, told=scale.forth(one.told)) for one in simple]
    found.append(Smoothing.over(values, marks.columns, marks.usable, season, ahead))
    return found


def _chosen(every: Sequence[Tested], figures: Mapping[str, Accuracy], skipped: int) -> Tested | None:
    """The model where it clearly beats every simple guess, else a simple guess that clearly beats the bar,
    else the model if that does. Clearly: the interval of the gain lies above zero."""
    by_name = {one.method.name: one for one in every}
    bar, model = by_name.pop(BAR), by_name.pop(Smoothing.name)
    simple = sorted(by_name.values(), key=lambda one: figures[one.method.name].wape)

    def beats(one: Tested, other: Tested) -> bool:
        found = backtest.gain(one, other, skipped)
        return found is not None and found.low is not None and found.low > 0

    if all(beats(model, other) for other in (bar, *simple)):
        return model
    return next((one for one in (*simple, model) if beats(one, bar)), None)


def _total(method: Method, raw: Numbers, steps: Sequence[Band], skipped: int, scale: Scale) -> Band:
    """The sum of the steps; its interval from how far earlier sums of as many steps were off."""
    values, errors = method.at(len(raw))
    targets = np.arange(len(raw))[:, None] + 1 + np.arange(len(values))
    asked, laid = errors[:, skipped:], targets[:, skipped:]
    whole = np.isfinite(asked).all(axis=1)
    actual = raw[laid[whole]]
    told = scale.back(scale.forth(actual) - asked[whole]).sum(axis=1)
    came, middle = actual.sum(axis=1), float(scale.back(values[skipped:]).sum())
    value = sum(step.value for step in steps)
    if (told > 0).all():
        ends = middle * np.quantile(came / told, TAILS)
    else:
        ends = middle + np.quantile(came - told, TAILS)
    low95, low, high, high95 = ends.tolist()
    return Band(value, min(low, value), max(high, value), min(low95, value), max(high95, value))
